#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A volume that QEMU reaches by its own iSCSI initiator needs nothing from the host: it passes untouched, there and back.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
on hosta sh -c 'test -e /usr/lib/*/qemu/block-iscsi.so' || skip_all "QEMU has no iSCSI initiator here"
berth_reset
allow_volumes
guest=vm1
target=iqn.2026-11.lab:own
disk="<disk type='network' device='disk'>
 <driver name='qemu' type='raw' cache='none'/>
 <source protocol='iscsi' name='$target/1'><host name='${PORTAL%:*}' port='${PORTAL#*:}'/></source>
 <target dev='vdb' bus='virtio'/>
</disk>"
# disk_of HOST: as libvirt has it there
disk_of() { virsh_on "$1" dumpxml --migratable $guest | sed -n "/<disk type='network'/,/<\/disk>/p"; }

ok "a target" make_target $target 8M
remember_state hosta hostb
ok "the guest boots" disk_guest hosta $guest disks=check devices="$disk"
ok "it has its manifest" wait_until manifest_is_from hosta $guest
ok "the volume is written" wait_durable $guest 1 10
before=$(disk_of hosta)
like "$before" "name='$target/1'" "it is QEMU's own"
ok "it migrates" moved hosta $guest hostb --migrate-disks vda
is "$(disk_of hostb)" "$before" "the disk is the same there"
ok "written there" wait_durable $guest 1 10
prints "no host has logged in anywhere" "" same_as_before hosta hostb
ok "it comes back" moved hostb $guest hosta --migrate-disks vda
is "$(disk_of hosta)" "$before" "the disk is the same"
ok "written here" wait_durable $guest 1 10
prints "no host has logged in anywhere" "" same_as_before hosta hostb
guest_destroy hosta $guest
prints "the guest complains about nothing" "" broken $guest
ok "the local disk holds all that was durable" check_image hosta "$(images_of hosta)/$guest.qcow2" $guest 0
ok "so does the volume" check_lun $target 1 $guest 1
done_testing
