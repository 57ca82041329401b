#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# berth is killed at each point of a migration's preparation and of its undoing; the next event leaves the host as it was.
# Long: it kills berth at each point.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
BERTH_BUILD=build/faults
# shellcheck source=tests/initiator/volume-events.sh
. "$root/tests/initiator/volume-events.sh"
start_daemons
for n in 1 2; do target $n; done
configure "iscsi = 127.0.0.0/8 iqn.2026-11.lab:*" "timeout = 60"
have_gate
before=$(state)
guest=$(xml "$(disk vdb "$(path_of 1)"; disk vdc "$(path_of 2)")" "$(volume vdb 1 "$(path_of 1)"; volume vdc 2 "$(path_of 2)")")

# killed POINT EVENT...: the hook is, or its child that does the work, and the hook says so
killed()
{
	local status=0

	BERTH_FAULT=$1 hook "${@:2}" > /dev/null || status=$?
	[ $status = 137 ] || grep -q "killed by signal 9" "$work/err" "$log"
}
as_before() { diff <(echo "$before") <(state); }

# iscsiadm and iscsid may still be at what a killed run has asked them for: the next run waits for them
for point in before-step after-step:1 before-step:2 after-place:4 all-started before-child-step after-child-step; do
	ok "migrate begin is killed: $point" killed $point migrate begin
	ok "release end" hook release end
	ok "is all it takes" as_before
done
for point in before-undo:3 before-child-undo after-child-undo all-started; do
	ok "a guest comes" hook migrate begin
	ok "release end is killed: $point" killed $point release end
	ok "the next one" hook release end
	ok "does the rest: $point" as_before
done
guest=$(xml "$(disk vdb "$(path_of 1)"; disk vdc "$(path_of 2)")")
ok "an ordinary start is killed" killed all-started prepare begin
ok "release end" hook release end migrated
ok "takes all away" as_before
done_testing
