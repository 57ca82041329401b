#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab can compare disks byte for byte: after a migration with --suspend both hosts' images have one digest.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

guest=still
source=$(images_of hosta)/$guest.qcow2
target=$(images_of hostb)/$guest.qcow2
plan 6
ok "guest boots" guest_boot hosta $guest
image_create hostb "$target"
virsh_on hosta dumpxml --migratable $guest |
	sed "s,$source,$target,; s,bridge='br0',bridge='br-lan'," > "$LAB_DIR/$guest.xml"
ok "it migrates and stays paused" migrate hosta $guest hostb --suspend --xml "$LAB_DIR/$guest.xml"
is "$(guest_state hostb $guest)" paused "state at the destination"
is "$(disk_digest hostb "$target")" "$(disk_digest hosta "$source")" "digest of the disk"
virsh_on hostb resume $guest > /dev/null
ok "it goes on counting" wait_more_ticks $guest 3
ok "without a gap" check_ticks "$(console_of $guest)"
