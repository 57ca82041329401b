#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tiny guest's disks: what it calls durable is there, after a live migration and after it was killed, and it goes on where it ended.

if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private --mount-proc "$BASH" "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/tiny.sh
. "$root/tests/netns/tiny.sh"
check=$root/tests/tiny-guest/check-disk

# found NAME DISK LEAST: it begins after record LEAST or a later one
found()
{
	says "$1" "disk $2 found [0-9]+" || return
	[ "$(last "$1" "disk $2 found")" -ge "$3" ] || { grep found "$work/$1"; return 1; }
}

# holds NAME: its disks hold what its console says
holds()
{
	qemu-img convert -O raw "$work/second" "$work/second.raw" || return
	"$check" "$work/first" 0 "$(last "$1" "disk 0 durable")" && "$check" "$work/second.raw" 1 "$(last "$1" "disk 1 durable")"
}

# 'first' is no multiple of the stripes; 'second' is slow: writes are always under way; 'small' is filled many times over
truncate -s $((20001 * 512)) "$work/first"
truncate -s 64K "$work/small"
qemu-img create -q -f qcow2 "$work/second" 16M
head -c 1M /dev/zero | tr '\0' x > "$work/other"
disk first raw
disk second qcow2 ,throttling.iops-write=20
disk other raw ,read-only=on

ok "one boots" tiny one disks=check "${options[@]}"
ok "it says a disk's size and serial number" says one "disk 0 ready 20001 writable first"
ok "of another, too" says one "disk 1 ready 32768 writable second"
ok "of one that it may only read" says one "disk 2 ready 2048 read-only other"
for number in 0 1 2; do ok "disk $number is fresh" says one "disk $number found 0"; done
ok "it writes to one" reaches one "disk 0 durable" 10
ok "it writes to the other" reaches one "disk 1 durable" 10

ok "a place to move to" tiny away "" "${options[@]}" -incoming "unix:$work/migration"
ok "it waits" listens away
before=$(last one "disk 0 durable")
echo "migrate -d unix:$work/migration" > "$work/one.monitor.in"
for number in 0 1; do ok "disk $number is written to there" reaches away "disk $number durable" $((before + 30)); done
ok "it is killed" killed away
ok "the disks hold what was durable" holds away

ok "it starts again, with more load" tiny again disk-load=8 "${options[@]}"
for number in 0 1; do
	ok "disk $number goes on where it ended" found again $number "$(last away "disk $number durable")"
	ok "by many records" reaches again "disk $number durable" $(($(last again "disk $number found") + 20))
done
ok "it is killed" killed again
ok "the disks hold what was durable" holds again

options=()
disk first raw ,read-only=on
disk small raw
ok "it starts with other disks" tiny third disk-load=32 "${options[@]}"
ok "one that was written to may only be read now" found third 0 "$(last again "disk 0 durable")"
ok "the records of the other go round many times" reaches third "disk 1 durable" 2000
ok "it is killed" killed third
ok "it holds what was durable" "$check" "$work/small" 1 "$(last third "disk 1 durable")"
prints "what it may only read it doesn't write" "" matching "disk [02] durable" cat "$work/third"
prints "nothing is broken" "" matching BROKEN cat "$work"/{one,away,again,third}
done_testing
