#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images in a folder that both hosts have mounted by NFS stay what and where they are when their guest moves: nothing is copied,
# made, deleted or renamed; with a volume beside them too.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
guest=vm1
target=iqn.2026-11.lab:beside
folder=/mnt/shared
allow_volumes "[images]
shared = $folder"
image=$folder/$guest.raw

plain() { on "$1" virsh -q -c "$(uri_of "$1")" migrate --live $guest "$(uri_of "$2")" && wait_settled "$2"; }
# files: all that is there: inode, size, name
files() { on storage find /srv/nfs -printf '%i %s %P\n' | sort; }
local_files() { on hostb find /srv /var/lib/libvirt/images -type f; }

ok "storage exports a folder" export_nfs
for host in hosta hostb; do ok "$host mounts it" mount_nfs $host $folder; done
ok "a target" make_target $target 8M
ok "the gate is on" gate_on
ok "an image" on hosta truncate -s 8M $image
remember_state hosta hostb
files=$(files)
local_files=$(local_files)

ok "the guest boots" disk_guest hosta $guest disks=check vda="$(disk_xml vda $image raw | sed "s/type='raw'/& cache='none'/")" \
	devices="$(volume_xml vdb "$(by_path $target 1)")"
ok "it has its manifest" wait_until manifest_is_from hosta $guest
said=$(migrate hosta $guest hostb --migrate-disks vda 2>&1)
is $? 1 "told to copy its image onto itself it doesn't migrate"
diag "$said"
ok "but goes on" wait_durable $guest 0 10
ok "hostb is settled" wait_settled hostb
is "$(files)" "$files" "the shared folder holds what it held"
ok "it migrates" plain hosta hostb
is "$(device_of hostb $guest vda)" $image "its image keeps its name"
ok "and is written" wait_durable $guest 0 10
ok "so is the volume" wait_durable $guest 1 10
is "$(files)" "$files" "the shared folder holds what it held"
is "$(local_files)" "$local_files" "hostb's own folders too"
ok "hosta has released the volume" wait_until released hosta
prints "and is as before" "" same_as_before hosta
ok "it has its manifest of hostb" wait_until manifest_is_from hostb $guest
ok "it comes back" plain hostb hosta
ok "written here" wait_durable $guest 0 10
ok "so is the volume" wait_durable $guest 1 10
is "$(files)" "$files" "the shared folder holds what it held"
ok "hostb has released the volume" wait_until released hostb
prints "and is as before" "" same_as_before hostb
guest_destroy hosta $guest
prints "the guest complains about nothing" "" broken $guest
on storage cp /srv/nfs/$guest.raw "$LAB_DIR/tmp/shared"
ok "the image holds all that was durable" check_disk "$LAB_DIR/tmp/shared" $guest 0
ok "so does the volume" check_lun $target 1 $guest 1
gate_off
done_testing
