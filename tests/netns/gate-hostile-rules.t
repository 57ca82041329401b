#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No rule that the source sends comes into the destination's kernel: facts of an older berth carry rules, and what they carry
# here lets everything through in both directions, or leads each frame through seven jumps, nine deep.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/gate.sh
. "$root/tests/netns/gate.sh"
gate_hosts || skip_all "no namespaces of our own"
data=$root/tests/data
touched=/tmp/touched.$$
trap 'rm -f "$touched"' EXIT

table() { on_destination nft -s list table bridge berth; }
drops() { table | grep -c 'drop'; }
# attack NAME WHEN: facts of that name arrive
attack()
{
	is "$(gate destination verify < "$data/facts-older/$1"; echo $?)" 0 "$1, $2: the guest may run, by its own policy"
	prints "$1, $2: and has the rules that this policy makes here" "" gate_tool destination compare vnet7 groups-two
	is "$(table)" "$wanted" "$1, $2: nothing else is in the kernel"
	is "$(drops)" "$dropped" "$1, $2: what it drops it goes on dropping"
}

gate_port destination vnet7
gate_status destination vnet7 "$data/firewall/groups-two/policy.xml" "<job async='migration in' phase='finish3'/>"
gate_tool destination put vnet7 groups-two > "$touched"
wanted=$(table) dropped=$(drops)
like "$dropped" "^[1-9]" "the policy drops something"
gate_mark destination
for facts in accept-all jumps; do
	attack $facts "nothing noted"
	gate_event destination started begin > /dev/null 2>&1
	attack $facts "all noted"
	gate_event destination started begin > /dev/null 2>&1
	on_destination nft add table inet mine
	attack $facts "noted, and another table changed since"
	on_destination nft delete table inet mine
done
done_testing
