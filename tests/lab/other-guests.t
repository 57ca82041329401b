#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Around the main job: full copy, two disks, ISO images, saved guests, and migrations that cross.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
iso=disc.iso
mac2=52:54:00:00:00:02

cdrom() { echo "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$1'/><target dev='sda' bus='sata'/></disk>"; }
full_copy() { on hosta virsh -q -c "$(uri_of hosta)" migrate --live --copy-storage-all vm1 "$(uri_of hostb)" && wait_settled hostb; }
cross()
{
	migrate hosta vm2 hostb & local one=$!
	migrate hostb vm1 hosta & local two=$!
	wait $one && wait $two
}

seq 100000 | on hosta tee "$(images_of hosta)/$iso" > /dev/null
ok "vm1 boots on hosta with an ISO image" berth_boot hosta vm1 devices="$(cdrom "$(images_of hosta)/$iso")"
said=$(migrate hosta vm1 hostb 2>&1) && said="it migrated"
like "$said" "disk 'sda': '$(images_of hostb)/$iso' is not on this host" "without the ISO image it is refused"
seq 100001 | on hostb tee "$(images_of hostb)/$iso" > /dev/null
said=$(migrate hosta vm1 hostb 2>&1) && said="it migrated"
like "$said" "disk 'sda': .*$iso.*" "with another ISO image too"
on hosta cat "$(images_of hosta)/$iso" | on hostb tee "$(images_of hostb)/$iso" > /dev/null
ok "with the same it goes, by --copy-storage-all" full_copy
like "$(virsh_on hostb dumpxml vm1)" "file='$(images_of hostb)/$iso'" "the drive has hostb's path"
ok "its manifest is hostb's" wait_until manifest_is_from hostb vm1

raw=$(images_of hosta)/vm2-data.raw
on hosta truncate -s 16M "$raw"
ok "vm2 boots on hosta, with a raw disk" berth_boot hosta vm2 mac=$mac2 \
	devices="$(disk_xml vdb "$raw" raw)"
ok "two migrations in opposite directions cross" cross
ok "hosta settles" wait_settled hosta
ok "hostb settles" wait_settled hostb
ok "vm1 counts on" wait_more_ticks vm1 3
ok "vm2 counts on" wait_more_ticks vm2 3
is "$(on hostb stat -c %s "$(images_of hostb)/vm2-data.raw")" 16777216 "the raw disk has its size"

ok "vm1 is saved" virsh_on hosta save vm1 /var/lib/libvirt/images/vm1-saved
seen=$(last_tick vm1)
ok "and restored" virsh_on hosta restore /var/lib/libvirt/images/vm1-saved
ok "it counts on" wait_tick vm1 $((seen + 3))
guest_destroy hosta vm1
guest_destroy hostb vm2
prints "vm1: ticks lost" 0 check_ticks "$(console_of vm1)"
prints "vm2: ticks lost" 0 check_ticks "$(console_of vm2)"
prints "vm1: sectors lost" 0 check_sectors hosta "$(images_of hosta)/vm1.qcow2" "$(last_tick vm1)"
prints "vm2: sectors lost" 0 check_sectors hostb "$(images_of hostb)/vm2.qcow2" "$(last_tick vm2)"
done_testing
