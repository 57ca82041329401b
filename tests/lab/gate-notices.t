#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the gate is on, a manifest follows what libvirtd does to the guest's disks, without `berth sync`; a resize, of which nobody
# is told, is refused when a migration begins, with both sizes.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
images=$(images_of hosta)
snapshot=$images/$guest-snap.qcow2
change() { virsh_on hosta "$@" > /dev/null; }
says() { manifest_of hosta $guest | tr '"' "'" | grep -qE "$1"; }
says_not() { has_manifest hosta $guest > /dev/null && ! says "$1"; }
nobody_syncs() { ! on hosta pgrep -f '^[^ ]*berth sync'; }
noticed() { ok "the manifest says so" wait_until "$@"; }

ok "the gate is on everywhere" gate_on
on hosta qemu-img create -q -f qcow2 "$images/$guest-b.qcow2" 20M
on hosta truncate -s 1M "$images/$guest-cd.iso"
cdrom="<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda' bus='sata'/><readonly/></disk>"
ok "guest boots on hosta" berth_boot hosta $guest devices="$cdrom"

ok "a disk is attached" change attach-disk $guest "$images/$guest-b.qcow2" vdb --driver qemu --subdriver qcow2
noticed says "target='vdb' .* virtual-bytes='20971520'"
ok "a disc is inserted" change change-media $guest sda "$images/$guest-cd.iso" --insert
noticed says "path='$images/$guest-cd.iso'"
ok "and ejected" change change-media $guest sda --eject
noticed says_not "$guest-cd.iso"
ok "a snapshot is taken" change snapshot-create-as $guest --no-metadata --disk-only \
	--diskspec "vda,file=$snapshot" --diskspec vdb,snapshot=no
noticed says "disk target='vda' path='$snapshot'"
ok "and committed" change blockcommit $guest vda --shallow --active --pivot --wait
noticed says "disk target='vda' path='$images/$guest.qcow2'"

# Whoever is started for that, however late, must not write the new size.
on hosta chmod a-x /usr/bin/berth
ok "whoever was started for that is through" wait_until nobody_syncs
ok "a disk is resized" change blockresize $guest vdb 30M
before=$(host_snapshot hostb)
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
like "$said" "berth: $guest: disk 'vdb': '$images/$guest-b.qcow2' has 31457280 bytes, the guest's manifest says 20971520 .*run 'berth sync $guest'" "its migration is refused"
is "$(host_snapshot hostb)" "$before" "hostb is as before"
ok "the guest counts on" wait_more_ticks $guest 3
on hosta chmod a+x /usr/bin/berth
ok "berth sync" on hosta berth sync $guest
ok "now it moves" moved hosta $guest hostb
is "$(image_facts hostb "/srv/vm/$guest-b.qcow2")" "qcow2 31457280 - -" "with the new size"
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
guest_destroy hostb $guest
on hosta rm -f "$images/$guest-cd.iso"
ok "the gate is off again" gate_off
done_testing
