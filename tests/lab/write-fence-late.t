#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What berth's write fence rests on: the kernel's read-only mark keeps a QEMU from writing to a device that it has open for writing
# already. Set at `started begin`, it ends a copy of a disk onto itself; and a guest that comes paused runs when it was lifted.
# Here a hook of the test's sets it, on one of two loop devices of one file: ../volumes has berth's, and volumes.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
device=/dev/lab-disk
disk=$LAB_DIR/tmp/disk
hook=/etc/libvirt/hooks/qemu.d/later

# device_on HOST: a device of its own, of the one disk
device_on()
{
	local loop

	loop=$(losetup --find --show "$disk") && echo "$loop" >> "$LAB_DIR/loops" || return
	on "$1" sh -c "rm -f $device && mknod -m 666 $device b $(stat -c '0x%t 0x%T' "$loop")"
}
lab_tidy_more() { for host in hosta hostb; do on $host rm -f $hook $device; done; xargs -r losetup -d < "$LAB_DIR/loops"; rm "$LAB_DIR/loops"; }
content() { sha256sum < "$disk"; }
# crosses FROM TO
crosses()
{
	local name="$1 to $2" said

	on "$2" sh -c "echo 'cat > /dev/null; [ \$2 != started ] || blockdev --setro $device' | sed '1i #!/bin/sh' > $hook && chmod 755 $hook"
	before=$(content)
	said=$(migrate "$1" $guest "$2" 2>&1) && said="it moved"
	# libvirt 11.3 ends its own QEMU at the destination, and reports that as the reason, if it sees the monitor's end first.
	like "$said" "migration of disk vdb failed: Operation not permitted|QEMU unexpectedly closed the monitor" "$name: copied onto itself: it fails"
	prints "$name: nothing was written" "$before" content
	is "$(guest_state "$1" $guest)" running "$name: the guest runs at $1"
	ok "$name: and counts" wait_more_ticks $guest 2
	ok "$name: $2 is cleared" wait_settled "$2"
	on "$2" blockdev --setrw $device
	ok "$name: it comes without, and stays paused" migrate "$1" $guest "$2" --migrate-disks vda --suspend
	ok "$name: $2 settles" wait_settled "$2"
	is "$(on "$2" blockdev --getro $device)" 1 "$name: the mark was set meanwhile"
	on "$2" sh -c "rm $hook; blockdev --setrw $device"
	ok "$name: it is resumed" virsh_on "$2" resume $guest
	ok "$name: it counts on" wait_more_ticks $guest 2
	ok "$name: and writes to the device" in_guest 10.99.0.10 "echo $2 | dd of=/dev/vdb bs=512 seek=7 conv=sync,fsync"
	is "$(dd if="$disk" bs=512 skip=7 count=1 status=none | tr -d '\0')" "$2" "$name: which has it"
	ok "$name: its manifest is $2's" wait_until manifest_is_from "$2" $guest
}

truncate -s 16M "$disk"
seq 100000 | dd of="$disk" seek=8 bs=1M conv=notrunc status=none
for host in hosta hostb; do ok "a device on $host" device_on $host; done
ip addr replace 10.99.0.254/24 dev lan
ok "guest boots" berth_boot hosta $guest ip=10.99.0.10/24 devices="<disk type='block' device='disk'>
<driver name='qemu' type='raw' cache='none'/><source dev='$device'/><target dev='vdb' bus='virtio'/></disk>"
crosses hosta hostb
crosses hostb hosta
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
done_testing
