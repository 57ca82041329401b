#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Migrations that the gate can't make safe don't come to the guest's switch: post-copy, from which a refused guest has no way
# back; and a local disk that nobody copies, whatever else has let it pass.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
there=$(images_of hostb)/$guest.qcow2
hook=/usr/libexec/berth/berth-hook

# refused WHAT REGEX [VIRSH-OPTION]...: its user reads why, in one line; the guest goes on at hosta, nothing is left on hostb
refused()
{
	local said

	said=$(on hosta virsh -q -c "$(uri_of hosta)" migrate --live "${@:3}" $guest "$(uri_of hostb)" 2>&1) && said="it migrated"
	like "$said" "berth: $guest: $2" "$1: refused"
	is "$(grep -c . <<< "$said")" 1 "$1: in one line"
	ok "$1: the guest goes on" wait_more_ticks $guest 3
	ok "$1: hostb is cleared" wait_settled hostb
	ok "$1: no image is left there" wait_until on hostb test ! -e "$there"
	prints "$1: nor the guest" "" matching "^$guest\$" virsh_on hostb list --all --name
}
by_hand() { on hostb $hook $guest "$@" - <<< "$xml" > "$LAB_DIR/by-hand"; }
# started FLAGS REGEX WHAT: what hostb's hook says of a migration with these; a source without gate lets it come so far, but this
# kernel has no userfaultfd, so QEMU doesn't
started()
{
	printf '%s\n' "<domstatus state='paused' reason='migration'><job async='migration in' phase='prepare' flags='$1'/>" "$xml" "</domstatus>" |
		on hostb sh -c "cat > /run/libvirt/qemu/$guest.xml"
	like "$(by_hand started begin 2>&1)" "^berth: $guest: $2" "$3"
	on hostb rm /run/libvirt/qemu/$guest.xml
}
# without_started: hostb's hook lets all pass at `started`
without_started()
{
	on hostb sh -c "mv $hook $hook.real && cat > $hook && chmod 755 $hook" <<-HOOK
	#!/bin/sh
	[ "\$2" = started ] && exec cat > /dev/null
	exec $hook.real "\$@"
	HOOK
}

ok "guest boots on hosta" berth_boot hosta $guest
ok "the gate is on everywhere" gate_on
refused "post-copy" "the gate can't refuse a guest in post-copy .*; migrate without --postcopy, or turn the gate off" --copy-storage-inc --postcopy
refused "peer to peer, too" "the gate can't refuse a guest in post-copy" --copy-storage-inc --postcopy --p2p
xml=$(virsh_on hosta dumpxml --migratable $guest)
ok "by hand: it comes to hostb" by_hand migrate begin
started 0xc081 "the gate of this host can't refuse a guest in post-copy" "by hand: with post-copy it goes no further"
started 0x4081 "disk 'vda': the migration doesn't copy it" "by hand: without, that is not what speaks against it"
ok "by hand: it is given up" by_hand release end
ok "by hand: hostb is cleared" wait_settled hostb
refused "no storage copy" "disk 'vda': the migration doesn't copy it" --unsafe
without_started
refused "no storage copy, for the gate alone" "disk 'vda': '$there' is empty, '.*' on host 'hosta' is not: the migration hasn't copied it" --unsafe
on hostb mv $hook.real $hook

ok "with storage copy it moves" moved hosta $guest hostb
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$there" "$(last_tick $guest)"
gate_off
done_testing
