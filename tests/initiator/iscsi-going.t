#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device that the kernel is removing is no device any more; attaching it waits until it has gone, and brings it anew.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

finds=${GOING_FINDS:-30} rounds=${GOING_ROUNDS:-3}
at_it=$work/at-it

# come_and_go HOST: the device does, until $at_it has gone; what is written to it makes its end slow
come_and_go()
{
	local device=/sys/bus/scsi/devices/$1:0:0:1

	while [ -e "$at_it" ]; do
		if [ -e "$device/delete" ]; then
			echo 1 2> /dev/null > "$device/delete"
		else
			echo "0 0 1" > "/sys/class/scsi_host/host$1/scan"
		fi
	done
}

# neither_here_nor_there: what find says is yes or no, never an error; asked until both have come, and $finds times
neither_here_nor_there()
{
	local end=$((SECONDS + 300)) yes=0 no=0 said

	while [ $((yes + no)) -lt "$finds" ] || [ $yes = 0 ] || [ $no = 0 ]; do
		[ $SECONDS -lt $end ] || break
		said=$(iscsi find 1 1)
		case $? in
		0) yes=$((yes + 1)) ;;
		1) no=$((no + 1)) ;;
		*) diag "$said" && return 1 ;;
		esac
	done
	diag "found $yes times, not found $no times"
	[ $yes != 0 ] && [ $no != 0 ]
}

# is_going: the device's end has begun
is_going() { [ "$(cat "$device/state" 2> /dev/null)" != running ]; }

# attached_after CMD...: as soon as that, in the background, has begun to take the device away
attached_after()
{
	local n disk device said

	for ((n = 0; n < rounds; n++)); do
		disk=$(iscsi find 1 1)
		device=$(readlink -f "/sys/block/${disk##*/}/device")
		dd if=/dev/zero of="$disk" bs=1M count=8 conv=notrunc,nocreat status=none
		"$@" > /dev/null 2>&1 &
		until is_going; do :; done
		said=$(iscsi attach 1 1) || { diag "$said"; return 1; }
		wait $!
	done
}
# delete: the device of attached_after
delete() { echo 1 > "$device/delete"; }

start_targets "$portal"
start_initiator
make_target 1 1
ok "attached" iscsi attach 1 1
: > "$at_it"
come_and_go "$(basename /sys/class/iscsi_host/host* | tr -dc 0-9)" &
ok "find tells yes or no" neither_here_nor_there
rm "$at_it"
wait $!
ok "attached anew" iscsi attach 1 1
ok "attaching while the device goes" attached_after delete
ok "attaching while somebody logs out" attached_after iscsiadm -m session -u
ok "attached at last" iscsi attach 1 1
ok "found" iscsi find 1 1
ok "detached" iscsi detach 1 1
prints "nothing is left" "" what_is_here
done_testing
