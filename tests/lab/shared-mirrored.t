#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No image is copied onto itself, though its file system lets both hosts write it: the migration is refused, and says how it goes.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/lab/lockless.sh
. "$(dirname "$0")/lockless.sh"

need_berth
berth_reset
guest=vm1
image=$pool/$guest.qcow2
local=$(images_of hosta)/$guest-data.qcow2

plain_migrate() { on "$1" virsh -q -c "$(uri_of "$1")" migrate --live --unsafe $guest "$(uri_of "$2")" && wait_settled "$2" && wait_until manifest_is_from "$2" $guest; }

ok "a folder that both hosts share, without locks" share_without_locks
berth_conf hosta "[images]
shared = $pool"
berth_conf hostb "shared = $pool"
ok "a base image there" cp "$LAB_DIR/base.qcow2" "$LAB_DIR/tmp/pool/base.qcow2"
ok "an image there" on hosta sh -c "qemu-img create -q -f qcow2 -b $pool/base.qcow2 -F qcow2 $image 128M && chmod 666 $image"
ok "a local image" image_create hosta "$local"
ok "guest boots" berth_boot hosta $guest image="$image" disk="vdb:$local"
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
like "$said" "disk 'vda': '$image' is on storage that the hosts share, and the migration would copy it onto itself" "it is refused"
like "$said" "--migrate-disks" "and told the way out"
ok "the guest goes on" wait_more_ticks $guest 3
ok "hostb is settled" wait_settled hostb
ok "with a copy of the local disk it moves" moved hosta $guest hostb --migrate-disks vdb --unsafe
is "$(virsh_on hostb domblklist $guest | awk '$1 == "vda" { print $2 }')" "$image" "to the same image"
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$image" "$(last_tick $guest)"
guest_wipe $guest
on hosta rm -f "$local"

ok "an image there" on hosta sh -c "qemu-img create -q -f qcow2 -b $pool/base.qcow2 -F qcow2 $image 128M && chmod 666 $image"
ok "one that has no other disk boots" berth_boot hosta $guest image="$image"
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
like "$said" "disk 'vda': '$image' is on storage that the hosts share" "it is refused too"
ok "hostb is settled" wait_settled hostb
ok "without a copy it moves" plain_migrate hosta hostb
ok "and back" plain_migrate hostb hosta
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$image" "$(last_tick $guest)"
unshare_without_locks
done_testing
