#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest on a multipath map migrates: the destination attaches both portals. One of them dies on the way: the guest arrives,
# no sector is lost, and the source takes all down.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes "timeout = 60"
guest=vm1
target=iqn.2026-11.lab:paths
lines="map 2 open 1
disk $target 1 rw
disk $target 1 rw
record $target $PORTAL
record $target $PORTAL2
session $target $PORTAL
session $target $PORTAL2"

# by_hand VERB: on hosta, at both portals
by_hand() { "iscsi_$1" hosta $target "$PORTAL" && "iscsi_$1" hosta $target "$PORTAL2"; }
has_map() { on "$1" sh -c '[ "$(multipathd show paths format %t.%T | grep -c ^active.ready)" = 2 ]'; }
# go FROM TO [OPTION]...
go()
{
	on "$1" timeout -k 5 150 virsh -q -c "$(uri_of "$1")" migrate --live "${@:3}" $guest "$(uri_of "$2")" &&
		wait_settled "$2" && wait_until manifest_is_from "$2" $guest
}
arriving() { [ "$(guest_state hosta $guest)" = paused ]; }
under_way() { virsh_on hostb domjobinfo $guest | grep -q '^Operation: *Outgoing'; }
taken_down() { on hostb berth reap > /dev/null 2>&1; has_gained hostb ""; }

ok "a target" make_target $target 8M
ok "the gate is on" gate_on
for host in hosta hostb; do ok "multipathd on $host" multipath_start $host; done
remember_state hosta hostb
ok "hosta logs in by both portals" by_hand login
ok "two paths" wait_until has_map hosta
map=$(multipath_map hosta)
ok "the guest starts, on the map" disk_guest hosta $guest disks=check vda="$(volume_xml vda "$map")"
ok "it has its manifest" wait_until manifest_is_from hosta $guest
ok "it migrates" go hosta hostb
like "$(device_of hostb $guest vda)" "^/dev/(mapper/3|disk/by-id/dm-uuid-mpath-3)" "to a map"
ok "which has both portals" comes_to hostb "$lines"
ok "hosta keeps what was there before" comes_to hosta "${lines/open 1/open 0}"
ok "its administrator takes it away" on hosta multipath -F
ok "with its sessions" by_hand logout
ok "hosta is as before" comes_to hosta

go hostb hosta --bandwidth 1 > "$LAB_DIR/tmp/go" 2>&1 & job=$!
ok "on its way back" wait_until arriving
ok "hosta has attached both portals" has_map hosta
ok "one of them dies" portal_down "$PORTAL2"
ok "the migration is still under way" under_way
wait $job
is "$? $(cat "$LAB_DIR/tmp/go")" "0 " "and arrives"
ok "the guest goes on" wait_durable $guest 0 10
ok "hostb takes all down" wait_until taken_down
prints "and is as before" "" same_as_before hostb
ok "the portal is back" portal_up "$PORTAL2"
ok "hosta has both paths again" wait_until has_map hosta
ok "the guest goes on" wait_durable $guest 0 10
prints "it complains about nothing" "" broken $guest
guest_destroy hosta $guest
ok "stopped: hosta is as before" comes_to hosta
ok "the LUN holds all that was durable" check_lun $target 1 $guest 0
for host in hosta hostb; do ok "multipathd on $host ends" multipath_stop $host; done
gate_off
done_testing
