#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirtd is killed on either side while the destination prepares or the disks are copied: with the gate, too, the guest goes on
# at the source and nowhere else, with all its data, and the destination is as before.
# Long: it kills libvirtd in one phase after the other.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1

begins() { migrate hosta $guest hostb "$@" > "$LAB_DIR/said" 2>&1 & migration=$!; }
ended() { ! kill -0 "$migration" 2> /dev/null; }
as_before() { [ "$(host_snapshot hostb)" = "$before" ]; }
# Somebody has to settle what a hook has made whose libvirtd died before it could read the answer: any later event, or this.
reaped() { on hostb berth reap; settled hostb; }
copying() { on hosta grep -q "async='migration out' phase='perform3'" /run/libvirt/qemu/$guest.xml && grown; }
grown() { [ "$(on hostb stat -c %s "/srv/vm/$guest.qcow2")" -gt 300000 ]; }

# stays WHAT HOST: when HOST's libvirtd, which is dead, comes again, the migration ends and all is as before
stays()
{
	ok "$1: libvirtd comes again" libvirtd_start "$2"
	ok "$1: the migration ends" wait_until ended
	wait "$migration" && diag "$1: it arrived: $(cat "$LAB_DIR/said")"
	ok "$1: the guest counts on" wait_more_ticks $guest 5
	is "$(guest_state hosta $guest)" running "$1: on hosta"
	ok "$1: and nowhere else" wait_until eval "! on hostb pgrep -f 'qemu-system.*guest=$guest'"
	ok "$1: hostb is settled" wait_until "${settling:-settled}" hostb
	ok "$1: hostb is as before" wait_until as_before
}
# preparing EVENT HOST [VIRSH-OPTION]...: while hostb's hook runs for this event
preparing()
{
	local what="$1 begin, $2 killed${*:3}"

	hold hostb hook "$1"
	begins "${@:3}"
	ok "$what: it prepares" is_held
	ok "$what: libvirtd is killed" libvirtd_kill "$2"
	let_go hostb hook
	stays "$what" "$2"
}
# performing HOST [VIRSH-OPTION]...: while its disk is copied, at 1 MiB/s
performing()
{
	local what="perform, $1 killed${*:2}"

	begins --bandwidth 1 "${@:2}"
	ok "$what: the disk is copied" wait_until copying
	ok "$what: libvirtd is killed" libvirtd_kill "$1"
	stays "$what" "$1"
}

ok "the gate is on everywhere" gate_on
ok "guest boots" berth_boot hosta $guest
before=$(host_snapshot hostb)
settling=reaped preparing migrate hostb
preparing start hosta
preparing start hosta --p2p
preparing started hosta --p2p
preparing started hostb
performing hostb
performing hostb --p2p
# These last: libvirt leaves its NBD node in the source's QEMU then, and a later copy may fail of that.
performing hosta

guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$(images_of hosta)/$guest.qcow2" "$(last_tick $guest)"
ok "the gate is off again" gate_off
done_testing
