#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A tiny guest arrives whole from a migration that has gone through its memory again and again: what an emulated processor
# writes between two passes is not forgotten. Debian 12's QEMU does forget it; ../lab/qemu-odd-memory tells when.

if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private --mount-proc "$BASH" "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/tiny.sh
. "$root/tests/netns/tiny.sh"

truncate -s 1M "$work/first" "$work/second"
disk first raw
disk second raw
ok "a guest boots" tiny one disk-load=8 "${options[@]}"
ok "it writes" reaches one "disk 1 durable" 10
ok "a place to move to" tiny away "" "${options[@]}" -incoming "unix:$work/migration"
ok "it waits" listens away
# Slow, so that there are many passes, and the last one comes when nothing seems to have changed.
printf '%s\n' "migrate_set_parameter max-bandwidth 1M" "migrate_set_parameter downtime-limit 1" > "$work/one.monitor.in"
echo "migrate -d unix:$work/migration" > "$work/one.monitor.in"
for number in 0 1; do ok "disk $number is written to there" reaches away "disk $number durable" $(($(last one "disk $number durable") + 100)); done
prints "nothing is broken" "" matching BROKEN cat "$work"/{one,away}
is "$(grep -c inconsistent "$work/away.qemu")" 0 "and no virtqueue"
done_testing
