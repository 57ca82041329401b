#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A migration that is refused, cancelled, or loses its peer leaves the source's rules untouched and none on the destination.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset
guest=vm1

# A migration that stays under way: its storage goes at 1 MiB/s, and there are 96 MiB of it.
slow_migration()
{
	migrate hosta $guest hostb --bandwidth 1 "$@" > "$LAB_DIR/slow.out" 2>&1 &
	slow=$!
	wait_until mirroring
}
mirroring() { [ -n "$(on hostb sh -c "grep -l started /var/lib/berth/journal/*" 2> /dev/null)" ]; }
ended() { ! kill -0 $slow 2> /dev/null; }

# nothing_changed HOW: on hosta; and nothing is left on hostb
nothing_changed()
{
	ok "$1: hostb's rules are gone" wait_until no_rules hostb
	ok "$1: and its journal" wait_until no_journal hostb
	prints "$1: nothing is left of them" "" on hostb nft list ruleset
	is "$(rules hosta)" "$before" "$1: hosta's are byte for byte as before, with their handles"
	ok "$1: none of its counters has gone back" counts_on
	is "$(passes $IP1 tcp:24 tcp:80)" tcp:24 "$1: the guest is reached as before"
}
no_journal() { on "$1" sh -c '! ls /var/lib/berth/journal/* > /dev/null 2>&1'; }
counts_on() { [ "$(ports_of hosta $guest accepted.ingress)" -ge "$seen" ]; }

# broken_off HOW: as above, after a migration that was under way; both hosts had rules then
broken_off()
{
	ok "$1: the migration ends" wait_until ended
	wait $slow && diag "it arrived: $(cat "$LAB_DIR/slow.out")"
	nothing_changed "$1"
}

image=$(images_of hosta)/$guest.qcow2
image_create hosta "$image"
on hosta qemu-io -c "write -q -P 7 0 96M" "$image"
ok "guest boots" tiny_boot hosta $guest ip=$IP1/24 metadata="$(usual_policy)"
before=$(rules hosta)
like "$before" "from guest $guest" "it has rules"
ok "it is reached" passes $IP1
seen=$(ports_of hosta $guest accepted.ingress)

berth_conf hostb "[firewall]
stateless = refuse"
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
like "$said" "berth: $guest: interface '$MAC1': its security groups: .*nf_conntrack_bridge" "refused: berth says why"
nothing_changed "refused"
ports_conf

slow_migration
ok "hostb has rules while it is under way" has_rules hostb
virsh_on hosta domjobabort $guest
broken_off "virsh domjobabort"

slow_migration --p2p
libvirtd_kill hostb
wait_until ended
libvirtd_start hostb
broken_off "hostb's libvirtd is killed"

slow_migration
on hostb pkill -KILL qemu-system
broken_off "hostb's QEMU is killed"

ok "and then it migrates" moved hosta $guest hostb
ok "hosta's rules are gone" no_rules hosta
ok "hostb's hold" rules_hold hostb $guest
guest_destroy hostb $guest
done_testing
