#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that is mirrored onto itself while a tiny guest writes loses writes, and the guest finds it: such a migration can't pass for a good one.

if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private --mount-proc "$BASH" "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/tiny.sh
. "$root/tests/netns/tiny.sh"

# The copy is slow: between its reading of a part and its writing the guest writes there.
target="json:{'driver':'throttle','throttle-group':'slow','file':{'driver':'file','filename':'$work/disk','locking':'off'}}"
truncate -s 2M "$work/disk"
disk disk raw ,file.locking=off
options+=(-object "throttle-group,id=slow,x-iops-write=20")
ok "a guest boots" tiny one disk-load=32 "${options[@]}"
ok "it has written each sector" reaches one "disk 0 durable" 5000
prints "all is good" "" matching BROKEN cat "$work/one"
echo "drive_mirror -n -f disk $target" > "$work/one.monitor.in"
ok "it finds a write that was lost" says one "BROKEN disk 0 sector [0-9]+ wanted [0-9]+ got [0-9]+"
done_testing
