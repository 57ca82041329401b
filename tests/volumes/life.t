#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest's volumes are there while it is, on one host: when it starts, stops, starts again, is saved and restored.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes
guest=vm1
target=iqn.2026-11.lab:life
saved=/var/lib/libvirt/$guest.saved
lines=$(lun_lines $target 1 && echo aoe e1.1 rw)

boot() { disk_guest hosta $guest disks=check devices="$(volume_xml vdb "$(by_path $target 1)")$(volume_xml vdc /dev/etherd/e1.1)"; }
restore() { virsh_on hosta restore $saved; }
# found DISK N: a guest that started again has found its last N records, or more, on that disk
found() { tr -d '\r\0' < "$(console_of $guest)" | awk -v d="$1" -v n="$2" '/^disk [0-9]+ found/ && $2 == d { m = $4 } END { exit m < n }'; }
all_found() { for disk in 0 1 2; do found $disk "${before[disk]}" || return; done; }
note_durable() { for disk in 0 1 2; do before[disk]=$(durable $guest $disk); done; }
written() { for disk in 0 1 2; do wait_durable $guest $disk 10 || return; done; }

# runs HOW...: brought so, it has what it needs, and works with it
runs()
{
	ok "$1" "${@:2}"
	ok "$1: the volumes are there, and nothing else" comes_to hosta "$lines"
	ok "$1: all disks are written" written
	prints "$1: the guest complains about nothing" "" broken $guest
}
# rests HOW...: ended so, the host has nothing of it
rests()
{
	ok "$1" "${@:2}"
	note_durable
	ok "$1: the host is as before" comes_to hosta
	ok "$1: nothing waits to be released" released hosta
}

ok "a target" make_target $target 8M
ok "an AoE export" export_aoe 1 1 8M
remember_state hosta
before=()
runs "it starts" boot
rests "it is stopped" guest_destroy hosta $guest
runs "it starts again" guest_start hosta $guest
ok "and has found all that was durable" all_found
rests "it is saved" virsh_on hosta save $guest $saved
runs "it is restored" restore
rests "it is saved by libvirt" virsh_on hosta managedsave $guest
runs "it starts from there" guest_start hosta $guest
rests "it is destroyed" guest_destroy hosta $guest
ok "the local disk holds all that was durable" check_image hosta "$(images_of hosta)/$guest.qcow2" $guest 0
ok "so does the LUN" check_lun $target 1 $guest 1
aoe_raw 1 1 "$LAB_DIR/tmp/aoe"
ok "so does AoE" check_disk "$LAB_DIR/tmp/aoe" $guest 2
done_testing
