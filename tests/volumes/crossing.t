#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two guests on two LUNs of one target: they cross, moving at the same time; they meet on one host, and share a session there
# that each may leave.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes
target=iqn.2026-11.lab:both

boot() { disk_guest "$1" "$2" disks=check devices="$(volume_xml vdb "$(by_path $target "$3")")" mac="52:54:00:00:00:0$3"; }
goes() { moved "$1" "$2" "$3" --migrate-disks vda; }
cross()
{
	local one

	goes hosta vm1 hostb & one=$!
	goes hostb vm2 hosta && wait $one
}
session() { volumes_state "$1" | grep ^session; }
written() { for guest; do wait_durable "$guest" 1 10 || return; done; }
# the_guest NAME N HOST: stops it there, and looks at its disks
the_guest()
{
	ok "$1 is stopped" guest_destroy "$3" "$1"
	prints "it has complained about nothing" "" broken "$1"
	ok "its local disk holds all that was durable" check_image "$3" "$(images_of "$3")/$1.qcow2" "$1" 0
	ok "so does its LUN" check_lun $target "$2" "$1" 1
}

ok "a target with two LUNs" make_target $target 8M 8M
ok "the gate is on" gate_on
remember_state hosta hostb
ok "vm1 starts on hosta" boot hosta vm1 1
ok "vm2 starts on hostb" boot hostb vm2 2
for host in hosta:vm1 hostb:vm2; do ok "$host has its manifest" wait_until manifest_is_from ${host%:*} ${host#*:}; done
ok "hosta has LUN 1" comes_to hosta "$(lun_lines $target 1)"
ok "hostb has LUN 2" comes_to hostb "$(lun_lines $target 2)"

ok "they cross" cross
ok "both go on" written vm1 vm2
ok "hosta has LUN 2 and no other" comes_to hosta "$(lun_lines $target 2)"
ok "hostb has LUN 1 and no other" comes_to hostb "$(lun_lines $target 1)"

before=$(session hostb)
ok "vm2 goes back to hostb" goes hosta vm2 hostb
ok "hosta is as before" comes_to hosta
ok "hostb has both LUNs" comes_to hostb "$(lun_lines $target 1 2)"
is "$(session hostb)" "$before" "by the session that was there"

ok "vm1 leaves" goes hostb vm1 hosta
ok "hosta has LUN 1" comes_to hosta "$(lun_lines $target 1)"
ok "LUN 2 stays on hostb, and no other" comes_to hostb "$(lun_lines $target 2)"
is "$(session hostb)" "$before" "by the same session"
ok "both go on" written vm1 vm2

ok "vm2 follows" goes hostb vm2 hosta
ok "hostb is as before" comes_to hostb
ok "hosta has both LUNs" comes_to hosta "$(lun_lines $target 1 2)"
ok "both go on" written vm1 vm2
the_guest vm1 1 hosta
ok "LUN 2 stays on hosta" comes_to hosta "$(lun_lines $target 2)"
the_guest vm2 2 hosta
ok "hosta is as before" comes_to hosta
gate_off
done_testing
