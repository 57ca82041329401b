#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-disk finds what is wrong with a tiny guest's disk, in whichever sector and of whichever kind it is.

if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private --mount-proc "$BASH" "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/tiny.sh
. "$root/tests/netns/tiny.sh"
check=$root/tests/tiny-guest/check-disk

# checks REGEX [FILE [DISK [NUMBER]]]: check-disk finds this fault
checks()
{
	local output status=0

	output=$("$check" "${2:-$work/damaged}" "${3:-0}" "${4:-$number}") || status=$?
	[[ "$status $output" =~ ^1\ .*$1 ]] || { echo "exit status $status: $output"; return 1; }
}

# put FILE OFFSET: standard input replaces what is there
put() { dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# sector FILE NUMBER
sector() { dd if="$1" bs=512 skip="$2" count=1 status=none; }

# finds_each: a byte that changed is found, whichever sector it's in
finds_each()
{
	local i

	for ((i = 0; i < 128; i++)); do
		cp "$work/disk" "$work/damaged"
		printf x | put "$work/damaged" $((i * 512 + i * 4))
		checks "disk 0: 1 of 128 sectors wrong: sector $i wanted record [0-9]+ got other data" || return
	done
}

# damaged REGEX NAME SECTOR: standard input, there in an image that was good, is found
damaged()
{
	cp "$work/disk" "$work/damaged"
	put "$work/damaged" $(($3 * 512))
	ok "$2 is found" checks "$1"
}

truncate -s 64K "$work/disk"
disk disk raw
ok "a guest boots" tiny one disk-load=8 "${options[@]}"
ok "it has written each sector" reaches one "disk 0 durable" 200
ok "it pauses" paused one
cp "$work/disk" "$work/older"
number=$(last one "disk 0 durable")
ok "what it has written is good" "$check" "$work/older" 0 "$number"
echo cont > "$work/one.monitor.in"
ok "it has written each sector anew" reaches one "disk 0 durable" $((number + 500))
ok "it is killed" killed one
number=$(last one "disk 0 durable")
ok "that is good, too" "$check" "$work/disk" 0 "$number"

ok "each sector counts" finds_each
damaged "1 of 128 .* sector 77 wanted record [0-9]+ got record [0-9]+$" "an older record" 77 < <(sector "$work/older" 77)
damaged "1 of 128 .* sector 77 wanted record [0-9]+ got record [0-9]+$" "another sector's record" 77 < <(sector "$work/disk" 76)
damaged "1 of 128 .* sector 127 wanted record [0-9]+ got zeroes" "an empty sector" 127 < <(head -c 512 /dev/zero)
damaged "1 of 128 .* sector 77 wanted record [0-9]+ got other data" "half a write" 77 < <(sector "$work/older" 77 | head -c 256)
ok "another disk's content is found" checks "of disk 0 with 128 sectors" "$work/disk" 1
ok "records that are missing are found" checks "of 128 sectors wrong" "$work/disk" 0 $((number + 1000))
head -c 60K "$work/disk" > "$work/damaged"
ok "a shorter disk is found" checks "112 of 120 sectors wrong.* with 128 sectors"
is "$("$check" "$work/nowhere" 0 1 2>&1; echo $?)" "check-disk: $work/nowhere: No such file or directory
2" "a disk that can't be read is no good one"
done_testing
