#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With --p2p, and through libvirtd's tunnel, the source's libvirtd words what virsh says. A refusal by the destination's hook or by
# either gate is in it as without: berth's one line, whole, once; in both directions, so from an old libvirt and from a new one.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1

# with_p2p OPTION...: it migrates from $from to $to
with_p2p() { on "$from" timeout -k 5 120 virsh -q -c "$(uri_of "$from")" migrate --live --p2p "$@" $guest "$(uri_of "$to")"; }
# refused WHAT LINE VIRSH-OPTION...: LINE: all that berth says, behind the guest's name
refused()
{
	local said name="$from to $to, $1"

	said=$(with_p2p "${@:3}" 2>&1) && said="it moved"
	is "$(sed "s/^error: .* berth: $guest: //" <<< "$said")" "$2" "$name: virsh's text ends with berth's line, and with nothing else"
	is "$(grep -o "berth: $guest: " <<< "$said" | grep -c .)" 1 "$name: which is there once"
	is "$(guest_state "$from" $guest)" running "$name: the guest runs"
	ok "$name: and counts" wait_more_ticks $guest 2
	ok "$name: $to is cleared" wait_settled "$to"
}

# refusals FROM TO
refusals()
{
	local from=$1 to=$2 base image

	base=$(base_of "$to")/base.qcow2
	image=$(images_of "$to")/$guest.qcow2
	on "$to" mv "$base" /srv/kept
	for way in "" --tunnelled; do
		refused "hook${way:+, $way}" "disk 'vda': base image 'base.qcow2' is not on this host; copy '$(base_of "$from")/base.qcow2' \
from host '$from' to '${base%/*}'" --unsafe ${way:+"$way"}
	done
	on "$to" mv /srv/kept "$base"
	refused "hook, as QEMU waits for the tunnel" "disk 'vda': the migration doesn't copy it, and '$image' on this host is empty; \
migrate with --copy-storage-inc, and with 'vda' in --migrate-disks if that is given" --unsafe --tunnelled
	refused "the source's gate" "the gate can't refuse a guest in post-copy without losing it; migrate without --postcopy, \
or turn the gate off on both hosts: 'berth gate disable'" --copy-storage-inc --postcopy
	gate_stub "$to" "[ \$1 != verify ] || { cp -p $base /srv/kept && echo x >> $base; }
exec /usr/libexec/berth/berth-gate.real \"\$@\""
	refused "the destination's gate" "disk 'vda': '$base' has been written since berth compared it with the source's; \
put the right image there and migrate again" --copy-storage-inc
	gate_unstub "$to"
	on "$to" mv /srv/kept "$base"
}

ok "the gate is on everywhere" gate_on
ok "guest boots" berth_boot hosta $guest
refusals hosta hostb
ok "with nothing wrong it moves" moved hosta $guest hostb --p2p
refusals hostb hosta
ok "and comes back" moved hostb $guest hosta --p2p
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
ok "the gate is off again" gate_off
done_testing
