#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A raw disk on a device is copied to a larger one: from libvirt 10.0 on, which puts a <slice> of the old size on it, the gate lets
# the guest run, and it comes back; before, QEMU refuses the copy.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
device=/dev/lab-disk
# device_on HOST SIZE: a device of that size, under the one name
device_on()
{
	local loop

	truncate -s "$2" "$LAB_DIR/tmp/$1.device"
	loop=$(losetup --find --show "$LAB_DIR/tmp/$1.device") && echo "$loop" >> "$LAB_DIR/loops" || return
	on "$1" sh -c "rm -f $device; mknod -m 666 $device b $(stat -c '0x%t 0x%T' "$loop")"
}
lab_tidy_more() { xargs -r losetup -d < "$LAB_DIR/loops" && rm "$LAB_DIR/loops"; }
slice_of() { virsh_on hostb dumpxml $guest "$@" | sed -n "s/.*<slice \(.*\)\/>.*/\1/p"; }

ok "a device on hosta" device_on hosta 16M
ok "a larger one on hostb" device_on hostb 24M
ok "the gate is on everywhere" gate_on
ok "guest boots" berth_boot hosta $guest devices="<disk type='block' device='disk'>
<driver name='qemu' type='raw'/><source dev='$device'/><target dev='vdb' bus='virtio'/></disk>"
# The destination's libvirt puts the slice on it.
if libvirt_is_at_least 10.0 hostb; then
	ok "it moves to a larger device" moved hosta $guest hostb --persistent
	is "$(slice_of)" "type='storage' offset='0' size='16777216'" "libvirt has put a slice on it"
	is "$(slice_of --inactive)" "type='storage' offset='0' size='16777216'" "in the stored definition too"
	ok "it goes on" wait_more_ticks $guest 3
	ok "it comes back to a device of the slice's size" moved hostb $guest hosta
	guest_destroy hosta $guest
else
	said=$(migrate hosta $guest hostb 2>&1) && said="it moved"
	like "$said" "size" "QEMU doesn't copy to a larger device, and says why"
	ok "the guest goes on" wait_more_ticks $guest 3
	guest_destroy hosta $guest
fi
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
ok "the gate is off again" gate_off
done_testing
