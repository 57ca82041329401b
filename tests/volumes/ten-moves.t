#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that writes to volumes of two targets and to an AoE device moves ten times in a row: each host has
# just what it needs after each move, and no sector is lost.
# Long: it repeats a move ten times.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes
guest=vm1
one=iqn.2026-11.lab:one
two=iqn.2026-11.lab:two
lines=$(lun_lines $one 1 && lun_lines $two 1 && echo aoe e1.1 rw)

boot()
{
	disk_guest hosta $guest disks=check vda="$(volume_xml vda "$(by_path $one 1)")" \
		devices="$(volume_xml vdb "$(by_path $two 1)")$(volume_xml vdc /dev/etherd/e1.1)"
}
# volumes_moved FROM TO: there is no local disk to copy
volumes_moved()
{
	on "$1" timeout -k 5 120 virsh -q -c "$(uri_of "$1")" migrate --live $guest "$(uri_of "$2")" &&
		wait_settled "$2" && wait_until manifest_is_from "$2" $guest
}
everywhere() { for disk in 0 1 2; do wait_durable $guest $disk 5 || return; done; }

for target in $one $two; do ok "a target" make_target "$target" 8M; done
ok "an AoE export" export_aoe 1 1 8M
ok "the gate is on" gate_on
remember_state hosta hostb
ok "the guest starts" boot
ok "hosta has its volumes, and nothing else" comes_to hosta "$lines"
here=hosta there=hostb
for move in 1 2 3 4 5 6 7 8 9 10; do
	ok "move $move: to $there" volumes_moved $here $there
	ok "move $move: all volumes are written there" everywhere
	ok "move $move: $there has its volumes, and nothing else" comes_to $there "$lines"
	ok "move $move: $here is as before" comes_to $here
	prints "move $move: the guest complains about nothing" "" broken $guest
	swap=$here here=$there there=$swap
done
guest_destroy $here $guest
ok "the guest is stopped: $here is as before, too" comes_to $here
ok "the first volume holds all that was durable" check_lun $one 1 $guest 0
ok "so does the second" check_lun $two 1 $guest 1
aoe_raw 1 1 "$LAB_DIR/tmp/aoe"
ok "so does AoE" check_disk "$LAB_DIR/tmp/aoe" $guest 2
diag "ten moves: no record lost of $(durable $guest 0), $(durable $guest 1) and $(durable $guest 2)"
gate_off
done_testing
