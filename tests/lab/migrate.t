#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job: plain `virsh migrate --live --copy-storage-inc` between two hosts that differ, and nothing is lost.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
source=$(images_of hosta)/$guest.qcow2
target=$(images_of hostb)/$guest.qcow2

ok "guest boots on hosta and gets its manifest" berth_boot hosta $guest
# What stays on hosta: the guest's image, and berth's record that it is stale.
without_guest() { host_snapshot "$1" | grep -v "$guest\|vnet\|/var/lib/berth/"; }
source_before=$(without_guest hosta)
like "$(manifest_of hosta $guest)" "path=.$source" "the manifest names the disk"
like "$(manifest_of hosta $guest)" 'digest=.sha256:[0-9a-f]{64}' "and the base image's digest"
ok "it migrates, and stays paused" migrate hosta $guest hostb --suspend
is "$(guest_state hostb $guest)" paused "state on hostb"
is "$(disk_digest hostb "$target")" "$(disk_digest hosta "$source")" "both disks are equal byte for byte"
virsh_on hostb resume $guest > /dev/null
ok "it goes on counting" wait_more_ticks $guest 5
ok "berth settles it" wait_settled hostb
live=$(virsh_on hostb dumpxml $guest)
like "$live" "<source file='$target'" "it runs from hostb's path"
like "$live" "<source bridge='br-lan'/>" "and on hostb's bridge"
is "$(image_facts hostb "$target")" "qcow2 134217728 $(base_of hostb)/base.qcow2 qcow2" \
	"hostb's overlay: format, exact virtual size, hostb's base with its format"
is "$(on hostb stat -c %a "$target")" 600 "its mode"
is "$(on hostb stat -c %U "$target")" libvirt-qemu "its owner while it runs"
ok "the manifest is hostb's" wait_until manifest_is_from hostb $guest
is "$(without_guest hosta)" "$source_before" "hosta is free of what the migration needed"
ok "hosta's image is still there" on hosta test -e "$source"
guest_destroy hostb $guest
is "$(on hostb stat -c %U:%G "$target")" root:root "the image's owner when it is off"
ok "qemu-img check" on hostb qemu-img check -q "$target"
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$target" "$(last_tick $guest)"
ok "the mark beyond the base image's size is there" check_end hostb "$target"
done_testing
