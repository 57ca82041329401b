#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest with a local disk and volumes of every kind and name migrates, there and back: no sector is lost, and each host
# has just what it needs.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes
guest=vm1
iqn() { echo "iqn.2026-11.lab:$1"; }
boot()
{
	disk_guest hosta $guest disks=check devices="$(volume_xml vdb "$(by_path "$(iqn one)" 1)")
		$(volume_xml vdc /dev/sda)$(volume_xml vdd "$by_id")$(volume_xml vde /dev/etherd/e1.1)"
}
everywhere()
{
	local disk

	for disk in 0 1 2 3 4; do wait_durable $guest $disk 10 || return; done
}

for name in one two three; do ok "target $name" make_target "$(iqn $name)" 8M; done
ok "an AoE export" export_aoe 1 1 8M
ok "the gate is on" gate_on
remember_state hostb

# Names that only a device gives.
ok "hosta is logged in at the second target" iscsi_login hosta "$(iqn two)"
ok "as /dev/sda" wait_device hosta /dev/sda
ok "and at the third" iscsi_login hosta "$(iqn three)"
ok "whose device is there" wait_device hosta "$(by_path "$(iqn three)" 1)"
by_id=$(on hosta sh -c 'for f in /dev/disk/by-id/wwn-*; do [ "$(readlink -f "$f")" != /dev/sdb ] || echo "$f"; done')
like "$by_id" "^/dev/disk/by-id/wwn-" "with a name by its WWN"
remember_state hosta

ok "the guest starts: berth attaches what isn't there" boot
ok "it has its manifest" wait_until manifest_is_from hosta $guest
ok "all disks are written" everywhere
ok "it migrates" moved hosta $guest hostb --migrate-disks vda
is "$(device_of hostb $guest vdb)" "$(by_path "$(iqn one)" 1)" "the first volume has its name"
is "$(device_of hostb $guest vdc)" "$(by_path "$(iqn two)" 1)" "/dev/sda got one that leads to it"
is "$(device_of hostb $guest vdd)" "$by_id" "by-id stays"
is "$(device_of hostb $guest vde)" /dev/etherd/e1.1 "AoE has its own"
ok "all disks are written there" everywhere
ok "hosta has released what berth attached" wait_until released hosta
prints "and is as before" "" same_as_before hosta
ok "it comes back" moved hostb $guest hosta --migrate-disks vda
ok "all disks are written" everywhere
ok "hostb has released all" wait_until released hostb
prints "and is as before" "" same_as_before hostb
guest_destroy hosta $guest
prints "the guest complains about nothing" "" broken $guest
ok "the local disk holds all that was durable" check_image hosta "$(images_of hosta)/$guest.qcow2" $guest 0
n=0
for name in one two three; do
	n=$((n + 1))
	ok "so does volume $name" check_lun "$(iqn $name)" 1 $guest $n
done
aoe_raw 1 1 "$LAB_DIR/tmp/aoe"
ok "so does AoE" check_disk "$LAB_DIR/tmp/aoe" $guest 4
gate_off
done_testing
