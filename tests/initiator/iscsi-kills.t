#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wherever attaching or detaching an iSCSI volume is killed, the next attach or detach goes on, and nothing is left at the end.
# Long: it kills berth at each point.

root=$(cd "$(dirname "$0")/../.." && pwd)
BERTH_BUILD=build/faults
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

all="session:t1 lun:1 record:t1 note:t1"

# killed POINT VERB LUN: the verb gets as far as that point
killed()
{
	(BERTH_FAULT=$1 iscsi "$2" 1 "$3" > /dev/null) 2> /dev/null
	is $? 137 "$2 is killed at $1"
}

# attached AFTER, gone AFTER: and all of it
attached()
{
	ok "then attached" iscsi attach 1 1
	is "$(what_is_here)" "$all" "all is there: $1"
}
gone()
{
	ok "then detached" iscsi detach 1 1
	prints "nothing is left: $1" "" what_is_here
}

start_targets "$portal"
start_initiator
make_target 1 1 2

for point in iscsi-noted iscsi-record iscsi-session iscsi-device volume-attached; do
	killed $point attach 1
	gone "attach, killed at $point"
	killed $point attach 1
	attached "attach, killed at $point"
	gone "attach, killed at $point, and attached"
done
for point in volume-flushed iscsi-device-gone iscsi-session-gone iscsi-record-gone; do
	attached "anew"
	killed $point detach 1
	gone "detach, killed at $point"
	attached "anew"
	killed $point detach 1
	attached "detach, killed at $point"
	gone "detach, killed at $point, and attached"
done

# Two kills one after the other, and a second LUN in the session.
killed iscsi-record attach 1
killed iscsi-session attach 1
attached "two kills"
killed iscsi-noted-device attach 2
is "$(what_is_here)" "$all" "the second device wasn't made"
ok "the second volume is attached" iscsi attach 1 2
killed iscsi-device-gone detach 2
ok "then detached" iscsi detach 1 2
is "$(what_is_here)" "$all" "the first one stays"
gone "both"
done_testing
