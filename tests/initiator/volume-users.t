#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever uses a block device is found and named: mounts, swap, device mapper, RAID, processes, libvirt's pools; and nobody else.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"

modprobe scsi_debug dev_size_mb=64 && modprobe sd_mod
wait_until test -b /dev/sda || diag "no disk"
users() { "$tool" users "${1:-/dev/sda}" 2>&1 || echo "none ($?)"; }
mkdir -p "$work/a mount" /run/libvirt/storage
# runs NAME: the last job is that program by now, and has its files open
runs() { wait_until grep -qx "$1" /proc/$!/comm; }
# pool KIND XML: as libvirtd keeps an active one's state
pool() { printf '%s\n' "<poolstate>" " <pool type='$1'>" "  <name>p1</name>" "  $2" " </pool>" "</poolstate>" > /run/libvirt/storage/p1.xml; }

is "$(users)" "none (1)" "nobody"
like "$(users /dev/null)" "ENOTBLK '/dev/null' is no block device" "no block device: an error"
like "$(users /dev/sdz)" "ENOENT '/dev/sdz'" "no device: an error"

mkfs.ext4 -q /dev/sda
mount /dev/sda "$work/a mount"
is "$(users)" "mounted at '$work/a mount'" "a mount"
umount "$work/a mount"
unshare --mount --propagation private bash -c "mount /dev/sda '$work/a mount'; echo > $work/mounted; exec sleep 600" &
wait_until test -e "$work/mounted"
is "$(users)" "the kernel has 'sda' open; is it mounted in a container?" "a mount in another mount namespace"
end_serving $!

mkswap -q /dev/sda > /dev/null
swapon /dev/sda
is "$(users)" "swap on '/dev/sda'" "swap"
swapoff /dev/sda

dmsetup create a-map --table "0 2048 linear /dev/sda 0"
is "$(users)" "device mapper 'a-map'" "a map"
dmsetup remove a-map
dmsetup create vg-lv --uuid LVM-4711 --table "0 2048 linear /dev/sda 0"
is "$(users)" "LVM 'vg-lv'" "a logical volume"
dmsetup remove vg-lv

sleep 600 8< /dev/sda &
runs sleep
is "$(users)" "process $! (sleep)" "an open descriptor"
end_serving $!
perl -e '$0 = "multipathd"; open my $disk, "<", "/dev/sda"; open my $said, ">", $ARGV[0]; print $said "ready\n"; close $said; sleep 600' "$work/named" &
wait_until grep -q ready "$work/named"
is "$(cat /proc/$!/comm) $(users)" "multipathd process $! (multipathd)" "a process that names itself as a daemon of root's"
end_serving $!
cp "$(command -v sleep)" "$work/multipathd"
"$work/multipathd" 600 8< /dev/sda &
runs multipathd
is "$(users)" "none (1)" "root's program of that name lets go by itself"
chown 1 "$work/multipathd"
is "$(users)" "process $! (multipathd)" "somebody else's doesn't"
end_serving $!
mknod "$work/other-name" b 8 0
sleep 600 8< "$work/other-name" &
runs sleep
is "$(users)" "process $! (sleep)" "by whatever name it was opened"
end_serving $!

addpart /dev/sda 1 2048 65536
wait_until test -b /dev/sda1
mkfs.ext4 -q /dev/sda1
mount /dev/sda1 "$work/a mount"
is "$(users)" "mounted at '$work/a mount'" "a partition's mount"
umount "$work/a mount"

pool disk "<source><device path='/dev/sda'/></source>"
is "$(users)" "libvirt pool 'p1'" "a pool of kind disk"
pool logical "<source><device path='/dev/sdb'/></source>"
is "$(users)" "none (1)" "a pool of another disk"
host=$(cd /sys/block/sda && realpath device | grep -o 'host[0-9]*')
pool scsi "<source><adapter type='scsi_host' name='$host'/></source>"
is "$(users)" "libvirt pool 'p1'" "a pool of its SCSI host"
pool scsi "<source><adapter type='scsi_host' name='scsi_${host}1'/></source>"
is "$(users)" "none (1)" "a pool of another"
pool dir "<target><path>/var</path></target>"
is "$(users)" "none (1)" "a pool of a folder"

# They end when the first of them does.
perl -e 'pipe my $in, my $out; $| = 1;
	for (1 .. 1000) { fork // die or do { close $out; open $f[$_], "<", "/dev/null" for 1 .. 30; sysread $in, my $end, 1; exit } }
	open my $disk, "<", "/dev/sda"; print "ready\n"; sleep 600' > "$work/ready" &
wait_until grep -q ready "$work/ready"
began=${EPOCHREALTIME/./}
is "$(users)" "process $! (perl)" "one process among 1000"
note "which took $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
end_serving $!
is "$(users)" "none (1)" "nobody any more"
modprobe -r scsi_debug
done_testing
