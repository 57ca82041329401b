#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wherever attaching or detaching an AoE volume is killed, the next attach or detach goes on, and nothing is left at the end.
# Long: it kills berth at each point.

root=$(cd "$(dirname "$0")/../.." && pwd)
BERTH_BUILD=build/faults
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"

aoe() { "$tool" "$1" kind=aoe shelf=1 slot=2 2>&1; }
# here: device, driver and notes
here() { echo "$(compgen -G '/sys/block/etherd*') $(compgen -G /sys/module/aoe) $(state)"; }

# killed POINT VERB: the verb gets as far as that point
killed()
{
	(BERTH_FAULT=$1 aoe "$2" > /dev/null) 2> /dev/null
	is $? 137 "$2 is killed at $1"
}

# attached AFTER, gone AFTER: and all of it
attached()
{
	ok "then attached" aoe attach
	is "$(here)" "/sys/block/etherd!e1.2 /sys/module/aoe ./aoe/e1.2 ./aoe/module" "all is there: $1"
}
gone()
{
	ok "then detached" aoe detach
	is "$(here)" "  " "nothing is left: $1"
}

make_storage_host
truncate -s 16M "$work/disk"
serve 1 2 eth0 "$work/disk"
configure "aoe = eth2"

for point in aoe-noted aoe-up volume-attached; do
	killed $point attach
	gone "attach, killed at $point"
	killed $point attach
	attached "attach, killed at $point"
	gone "attach, killed at $point, and attached"
done
for point in volume-flushed aoe-gone aoe-unloaded; do
	attached "anew"
	killed $point detach
	gone "detach, killed at $point"
	attached "anew"
	killed $point detach
	attached "detach, killed at $point"
	gone "detach, killed at $point, and attached"
done
done_testing
