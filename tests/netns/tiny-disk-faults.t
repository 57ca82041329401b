#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A tiny guest finds what goes wrong with its disks while it runs, says it, and leaves such a disk as it is.

if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private --mount-proc "$BASH" "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/tiny.sh
. "$root/tests/netns/tiny.sh"
check=$root/tests/tiny-guest/check-disk

# sector_of NUMBER: where that record is on a disk of 128 sectors (disk_record.c)
sector_of()
{
	local place=$((($1 - 1) % 128))

	echo $((127 - place % 16 * 8 - place / 16))
}

truncate -s 64K "$work/disk" "$work/spare"
disk disk raw
bad=driver=blkdebug,image.driver=file,image.filename=$work/spare,if=none,id=spare
bad+=,inject-error.0.event=none,inject-error.0.iotype=write,inject-error.0.sector=111
ok "a guest boots" tiny one disk-load=8 "${options[@]}" -drive "$bad" -device virtio-blk-pci,drive=spare
ok "it says what could not be written" says one "BROKEN disk 1 io-error write sector 111"
ok "the other disk goes on" reaches one "disk 0 durable" $(($(last one "disk 0 durable") + 200))
ok "it pauses" paused one
cp "$work/disk" "$work/older"
echo cont > "$work/one.monitor.in"
ok "it writes each sector anew" reaches one "disk 0 durable" $(($(last one "disk 0 durable") + 500))
ok "it pauses again" paused one
# A write is undone that is 20 records old: none of those that are under way.
last=$("$check" "$work/disk" 0 1 | sed 's/.* //')
sector=$(sector_of $((last - 20)))
dd if="$work/older" of="$work/disk" bs=512 skip="$sector" seek="$sector" count=1 conv=notrunc status=none
echo cont > "$work/one.monitor.in"
ok "it finds a write that was undone" says one "BROKEN disk 0 sector $sector wanted $((last - 20)) got [0-9]+"
ok "it lives on" reaches one tick $(($(last one tick) + 20))
is "$(grep -c BROKEN "$work/one")" 2 "it leaves broken disks alone"
like "$("$check" "$work/disk" 0 "$(last one "disk 0 durable")")" "1 of 128 sectors wrong: sector $sector " "with the fault as it was"
ok "it is killed" killed one

tr '\0' x < "$work/spare" > "$work/others"
cp "$work/others" "$work/others.before"
options=()
disk others raw
ok "another starts with a disk that holds something else" tiny two disks=check "${options[@]}"
ok "it says so" says two "BROKEN disk 0 sector 127 wanted 1 got other data"
ok "it lives on" says two "tick 10"
ok "it writes nothing there" cmp "$work/others" "$work/others.before"
done_testing
