#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the gate a guest's ordinary life goes on as without, also where berth-gate would refuse everything.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
images=$(images_of hosta)
gate_stub hosta 'echo "berth: no" >&2; exit 1'

is_state() { [ "$(guest_state hosta $guest)" = "$1" ]; }
# counts WHEN
counts() { ok "$1: it counts" wait_more_ticks $guest 3; }
quiet() { virsh_on hosta "$@" > /dev/null; }

ok "the gate is on" gate_on hosta
# The lab's guest loses its own disk when a PCI device comes (without berth too); of a SCSI disk it takes no notice.
ok "guest boots" berth_boot hosta $guest devices="<controller type='scsi' model='virtio-scsi'/>"
ok "it is paused" virsh_on hosta suspend $guest
ok "and stands" is_state paused
ok "it is resumed" virsh_on hosta resume $guest
counts resumed

ok "paused again" virsh_on hosta suspend $guest
ok "libvirtd restarts" libvirtd_restart hosta
ok "resumed by another libvirtd" virsh_on hosta resume $guest
counts "another libvirtd"
ok "paused again" virsh_on hosta suspend $guest
ok "libvirtd is killed" libvirtd_kill hosta
ok "and comes" libvirtd_start hosta
ok "resumed" virsh_on hosta resume $guest
counts "libvirtd killed"

on hosta qemu-img create -q -f qcow2 "$images/$guest-b.qcow2" 16M
ok "a disk is plugged in" quiet attach-disk $guest "$images/$guest-b.qcow2" sda --targetbus scsi --subdriver qcow2 --live
ok "and out" quiet detach-disk $guest sda --live
counts "disk"
ok "a snapshot" quiet snapshot-create-as $guest --no-metadata --disk-only --diskspec "vda,file=$images/$guest-s1.qcow2"
ok "is committed" quiet blockcommit $guest vda --active --shallow --pivot --wait
counts "snapshot"

ok "it is saved" virsh_on hosta save $guest "$images/$guest-saved"
ok "and restored" virsh_on hosta restore "$images/$guest-saved"
counts restored
ok "a dump" virsh_on hosta dump $guest "$images/$guest-dump" --memory-only
counts dumped

on hosta pkill -KILL qemu-system
ok "its QEMU is killed" wait_until is_state "shut off"
ok "it starts again, paused" virsh_on hosta start $guest --paused
ok "and is resumed" virsh_on hosta resume $guest
counts "started again"
guest_destroy hosta $guest
ok "no tick was lost" check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$images/$guest.qcow2" "$(last_tick $guest)"
is "$(on hosta grep -c "$LAB_DAEMON: berth: no\$" /var/log/messages)" 0 "nothing was refused"
gate_unstub hosta
ok "the gate is off again" gate_off hosta
done_testing
