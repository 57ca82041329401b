#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several portals, several volumes at once, IPv6 and large LUN numbers: each volume gets its own devices, and udev's names fit.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

six="[::1]:3260"
start_targets "$portal" "$six"
start_initiator
make_target 1 1 256

# at PORTAL... VERB [KEY=VALUE...]: LUN 1 of target 1, at these portals
# shellcheck disable=SC2046,SC2086 # words
at() { "$tool" "$2" kind=iscsi "iqn=$iqn:t1" lun=1 $(printf 'portal=%s ' $1) "${@:3}" 2>&1; }
six_name=/dev/disk/by-path/ip-::1:3260-iscsi-$iqn:t1-lun-1

is "$(at "$six" stable-name)" "$six_name" "its name by IPv6"
ok "attached by IPv6, and udev calls it that" at "$six" attach name="$six_name"
volume_of "$six_name"
is "${words[3]}" "portal=$six" "it knows its portal"
rm "$six_name"
ok "udev has lost its name: attached all the same" at "$six" attach name="$six_name"
is "$(readlink -f "$six_name")" "$(at "$six" find)" "and it has its name again"
ok "detached" at "$six" detach
prints "nothing is left" "" what_is_here

ok "attached by two portals" at "$portal $six" attach
is "$(what_is_here)" "session:t1 session:t1 lun:1 lun:1 record:t1 record:t1 note:t1 note:t1" "both paths are there"
ok "detached" at "$portal $six" detach
prints "both are gone" "" what_is_here
ok "attached, though one of two portals is dead" at "127.0.0.1:3998 $portal" attach
is "$(what_is_here)" "session:t1 lun:1 record:t1 note:t1" "by the other one"
ok "detached" at "127.0.0.1:3998 $portal" detach
prints "nothing is left" "" what_is_here
like "$(at "127.0.0.1:3998 127.0.0.1:3997" attach)" "^ECONNREFUSED .*portal '127.0.0.1:3998' refuses" "both are dead: refused"
prints "nothing is left" "" what_is_here

# The kernel's number of LUN 256 in flat addressing
large=/dev/disk/by-path/ip-$portal-iscsi-$iqn:t1-lun-0x4100000000000000
is "$(iscsi stable-name 1 16640)" "$large" "LUN 256: its name"
ok "attached, and udev calls it that" iscsi attach 1 16640 name="$large"
volume_of "$large"
is "${words[2]}" "lun=16640" "it knows its number"
ok "detached" iscsi detach 1 16640

for target in 2 3 4 5 6; do make_target $target 1 2; done
# all VERB: ten volumes of five targets at once; those that failed
all()
{
	local target lun pids=() failed=0 pid

	for target in 2 3 4 5 6; do
		for lun in 1 2; do
			iscsi "$1" $target $lun > "$work/said.$target.$lun" &
			pids+=($!)
		done
	done
	for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
	[ $failed = 0 ] || cat "$work"/said.*
	return $failed
}
ok "ten volumes of five targets at once" all attach
is "$(what_is_here | tr ' ' '\n' | cut -d: -f1 | sort | uniq -c | xargs)" "10 lun 5 note 5 record 5 session" "one session for each target"
ok "detached at once" all detach
prints "nothing is left" "" what_is_here
done_testing
