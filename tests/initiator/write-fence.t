#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While the fence is set nobody can open the device for writing, be it a disk or a map; who reads goes on, and writing is possible
# as soon as it is lifted.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"

modprobe scsi_debug dev_size_mb=16 && modprobe sd_mod
wait_until test -b /dev/sda || diag "no disk"
dmsetup create a-map --table "0 2048 linear /dev/sda 0"
maps=(/sys/block/dm-*)
map=/dev/${maps##*/}

# writes DEVICE: opens it for writing, and writes
writes() { dd if=/dev/zero of="$1" bs=512 count=1 oflag=direct conv=notrunc status=none; }
refused() { ! writes "$1" 2> "$work/said" && grep -Eq "Operation not permitted|Permission denied|Read-only" "$work/said"; }
reads() { dd if="$1" of=/dev/null bs=512 count=1 iflag=direct status=none; }
not_fenced() { "$tool" is-fenced "$1"; [ $? = 1 ]; }

for device in "$map" /dev/sda; do
	ok "$device: not fenced" not_fenced "$device"
	ok "it can be written to" writes "$device"
	exec 8< "$device"
	exec 7> "$device"
	ok "set while a reader and a writer have it open" "$tool" fence "$device"
	ok "it is fenced" "$tool" is-fenced "$device"
	ok "set again" "$tool" fence "$device"
	ok "opening it for writing is refused" refused "$device"
	ok "it can be read" reads "$device"
	ok "who has it open can read" dd of=/dev/null bs=512 count=1 status=none <&8
	ok "but not write, though he has it open for that" eval '! dd if=/dev/zero bs=512 count=1 status=none conv=notrunc >&7'
	exec 8<&- 7>&-
	ok "lifted" "$tool" unfence "$device"
	ok "it isn't fenced any more" not_fenced "$device"
	ok "it can be written to again" writes "$device"
done
ok "lifted again" "$tool" unfence /dev/sda
like "$("$tool" fence /dev/sdz 2>&1)" "ENOENT '/dev/sdz': No such file or directory" "no device: an error"
dmsetup remove a-map
modprobe -r scsi_debug
done_testing
