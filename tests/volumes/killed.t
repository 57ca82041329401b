#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hook is killed while it brings a guest's volumes or takes them away: the guest runs on exactly one host, and one
# "berth reap" later each host is as it was. ../kernel/volumes-killed.t kills at more points, without a guest.
# BERTH_FAULTS: the folder with programs built by "make FAULTS=1"; default build/faults.
# Long: it kills berth at each point.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
faults=${BERTH_FAULTS:-$VOLUMES_SRC/../../build/faults}
[ -x "$faults/berth-event" ] || skip_all "no program that can be killed: make FAULTS=1"
install -D -t "$LAB_DIR/faults" "$faults/berth-event"
berth_reset
allow_volumes
guest=vm1
target=iqn.2026-11.lab:killed
lines=$(lun_lines $target 1 && echo aoe e1.1 rw)
event=/usr/libexec/berth/berth-event

# killing HOST EVENT POINT: its hook is killed there; mended HOST: no more
killing()
{
	on "$1" sh -ec "[ -e $event.real ] || mv $event $event.real; cat > $event; chmod 755 $event" <<-SH
	#!/bin/sh
	[ "\$2" != $2 ] || { export BERTH_FAULT=$3; echo >> /run/killing; }
	exec $LAB_DIR/faults/berth-event "\$@"
	SH
}
mended() { on "$1" sh -ec "[ -s /run/killing ]; rm /run/killing; mv $event.real $event"; }
boot()
{
	disk_guest hosta $guest disks=check vda="$(volume_xml vda "$(by_path $target 1)")" devices="$(volume_xml vdb /dev/etherd/e1.1)"
}
go() { on "$1" timeout -k 5 120 virsh -q -c "$(uri_of "$1")" migrate --live $guest "$(uri_of "$2")"; }
fails() { ! "$@"; }
# What a killed run has started may still be at work.
reaped() { on "$1" berth reap > /dev/null 2>&1; has_gained "$1" "" && settled "$1"; }
everywhere() { for disk in 0 1; do wait_durable $guest $disk 5 || return; done; }

ok "a target" make_target $target 8M
ok "an AoE export" export_aoe 1 1 8M
ok "the gate is on" gate_on
remember_state hosta hostb
ok "the guest starts" boot
ok "it has its manifest" wait_until manifest_is_from hosta $guest
# Of its four steps two bring the volumes, side by side, and two fence them.
for point in all-started iscsi-session after-step:3; do
	killing hostb migrate $point
	ok "$point: the migration fails" fails go hosta hostb
	ok "$point: the hook was there" mended hostb
	is "$(guest_state hosta $guest) $(guest_state hostb $guest)" "running " "$point: the guest runs on hosta alone"
	ok "$point: berth reap leaves hostb as before" wait_until reaped hostb
	ok "$point: hosta has its volumes" comes_to hosta "$lines"
	ok "$point: the guest works with them" everywhere
done
for point in all-started iscsi-session-gone; do
	killing hosta release $point
	ok "$point: the guest leaves" go hosta hostb
	ok "$point: its hook was there" wait_until mended hosta
	is "$(guest_state hosta $guest) $(guest_state hostb $guest)" "shut off running" "$point: the guest runs on hostb alone"
	ok "$point: berth reap leaves hosta as before" wait_until reaped hosta
	ok "$point: hostb has its volumes" comes_to hostb "$lines"
	ok "$point: the guest works with them" everywhere
	ok "$point: it comes back" go hostb hosta
	ok "$point: hostb is as before" comes_to hostb
done
prints "the guest complains about nothing" "" broken $guest
guest_destroy hosta $guest
ok "the LUN holds all that was durable" check_lun $target 1 $guest 0
aoe_raw 1 1 "$LAB_DIR/tmp/aoe"
ok "so does AoE" check_disk "$LAB_DIR/tmp/aoe" $guest 1
gate_off
done_testing
