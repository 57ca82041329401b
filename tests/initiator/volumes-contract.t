#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every driver of volumes keeps the contract of storage/volume.h.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

# disks: those of all drivers
disks() { (cd /sys/block && compgen -G 'sd*'; compgen -G 'etherd*') | paste -sd' '; }
left() { echo "$(disks) $(state) $(compgen -G "$iscsi_notes/nodes/*") $(compgen -G '/sys/class/iscsi_session/*')"; }
volume() { "$tool" "$1" "${volume[@]}" "${@:2}" 2>&1; }

# contract DRIVER: of ${volume[@]}, whose stable name is $name
contract()
{
	local before device words

	before=$(left)
	is "$(volume stable-name)" "$name" "$1: its name on any host"
	ok "$1: allowed, and all is there" volume check
	is "$(volume find; echo $?)" 1 "$1: it isn't here"
	ok "$1: detached before it was attached" volume detach
	like "$(VOLUME_TIMEOUT_MS=0 volume attach)" "^ETIMEDOUT " "$1: attached after the deadline"
	is "$(left)" "$before" "$1: leaves nothing"
	like "$(volume attach serial=other)" "^EMEDIUMTYPE .*serial number '.*' instead of 'other'" "$1: of another identity: refused"
	is "$(left)" "$before" "$1: leaves nothing"
	like "$(VOLUME_TIMEOUT_MS=6000 volume attach name=/dev/no-such-name)" "^ETIMEDOUT .*'/dev/no-such-name'" "$1: its name never comes: refused"
	is "$(left)" "$before" "$1: leaves nothing"
	ok "$1: attached" volume attach name="$name"
	device=$(volume find)
	is "$device" "$(readlink -f "$name")" "$1: its name leads to it"
	mapfile -t words < <("$tool" of-device "$name")
	ok "$1: attached again, with the identity that it has" "$tool" attach "${words[@]}" name="$name"
	is "$("$tool" find "${words[@]}")" "$device" "$1: and found"
	like "$(volume attach size=4096)" "^EMEDIUMTYPE " "$1: of another size: refused"
	like "$(volume find size=4096)" "^EMEDIUMTYPE " "$1: nor found"
	is "$(volume find)" "$device" "$1: but what was here before stays"
	echo "$1" | dd of="$name" conv=notrunc status=none
	exec 8< "$device"
	like "$(volume detach)" "it stays, for it is in use: process $$ " "$1: in use: it stays"
	exec 8<&-
	ok "$1: its users can be fenced off" "$tool" fence "$device"
	ok "$1: detached" volume detach
	is "$(left)" "$before" "$1: nothing is left"
	ok "$1: detached again" volume detach
	is "$(head -n 1 "$file" | tr -d '\0')" "$1" "$1: what was written lies on the target"
}

start_targets $portal
start_initiator
make_target 1 1
make_storage_host
truncate -s 16M "$work/disk"
serve 1 2 eth0 "$work/disk"
configure "aoe = eth2" "iscsi = 127.0.0.0/8 $iqn:*"

volume=(kind=iscsi "iqn=$iqn:t1" lun=1 "portal=$portal") name=$(name_of 1 1) file=$work/t1.1
contract iscsi
volume=(kind=aoe shelf=1 slot=2) name=/dev/etherd/e1.2 file=$work/disk
contract aoe
done_testing
