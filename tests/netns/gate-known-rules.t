#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What was seen of a port's rules before its guest came counts at the gate as long as nobody has touched the ruleset, no longer.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/gate.sh
. "$root/tests/netns/gate.sh"
gate_hosts || skip_all "no namespaces of our own"
cases=$root/tests/data/firewall
note=/run/berth/rules/$(gate_uuid $GUEST)
facts=/tmp/facts.$$
trap 'rm -f "$facts"' EXIT

started() { gate_event destination started begin > /dev/null 2>&1; }
noted() { on_destination test -s "$note"; }
not_noted() { ! noted; }
# comes: the guest has come as far as `started begin`
comes()
{
	gate_tool destination put vnet7 groups-two > "$facts"
	gate source inquire > "$facts"
	started && noted
}
passes() { is "$(gate destination verify < "$facts"; echo $?)" 0 "$1"; }
holds() { prints "$2" "" gate_tool destination compare vnet7 "$1"; }
# touched NAME COMMAND...: between that event and the gate, which puts it right
touched()
{
	ok "$1: the guest comes" comes
	on_destination nft "${@:2}"
	passes "$1: passes"
	holds groups-two "$1: and is put right"
}

# lying SED-SCRIPT: a rule is added, and the note says that the kernel holds what it held before; it is changed by that
lying()
{
	local generation

	comes || return
	generation=$(on_destination sed -n 's/.*generation=\([0-9]*\).*/\1/p' "$note")
	on_destination nft insert rule bridge berth vnet7-egress4 accept &&
		on_destination sed -i "s/generation=$generation/generation=$((generation + 1))/; $1" "$note"
}
# not_believed NAME SED-SCRIPT
not_believed()
{
	ok "$1" lying "$2"
	passes "$1: passes"
	holds groups-two "$1: and is put right"
}
# nobody_asked: nothing reads the policy
nobody_asked() { on_destination mv /usr/libexec/berth/berth-event /usr/libexec/berth/away; }

gate_port source vnet0
gate_port destination vnet7
gate_status source vnet0 "$cases/groups-two/policy.xml"
gate_status destination vnet7 "$cases/groups-two/policy.xml" "<job async='migration in' phase='finish3'/>"
gate_tool source put vnet0 groups-two > "$facts"

# --- without the gate nobody will ask ---
gate_tool destination put vnet7 groups-two > "$facts"
ok "a guest comes to a host without the gate" started
ok "nothing is noted" not_noted
gate_mark destination

# --- used ---
ok "a guest comes to a host with the gate" comes
like "$(on_destination cat "$note")" 'interface=vnet7.*mode=stateless' "its port's rules are noted"
before=$(on_destination nft -a list ruleset)
passes "it may run"
is "$(on_destination nft -a list ruleset)" "$before" "no rule was touched"
ok "the note has served" not_noted
ok "a note that lies" lying ''
passes "is believed: it may run"
like "$(gate_tool destination compare vnet7 groups-two)" "unwanted rule in chain 'vnet7-egress4'" "without a look at the kernel"

# --- compared ---
ok "it comes again" comes
on_destination nft add table inet mine
nobody_asked
passes "somebody else's table is there since: passes, for the kernel holds what was noted"
on_destination mv /usr/libexec/berth/away /usr/libexec/berth/berth-event
on_destination nft delete table inet mine
ok "it comes again" comes
on_destination nft insert rule bridge berth vnet7-egress4 accept
nobody_asked
like "$(gate destination verify < "$facts"; echo $?)" "^berth: $GUEST: .*berth-event.*1$" "a rule is there since: nobody can say that it is right"
on_destination mv /usr/libexec/berth/away /usr/libexec/berth/berth-event

# --- not used ---
touched "an element deleted" delete element bridge berth vnet7-in4-ports '{ 80 . tcp }'
touched "a rule added" insert rule bridge berth vnet7-egress4 accept
touched "the port taken out of the map" delete element bridge berth to_guest '{ "vnet7" }'
touched "a base chain flushed" flush chain bridge berth from_port
touched "the table switched off" add table bridge berth '{ flags dormant; }'
touched "everything flushed" flush ruleset
not_believed "a note of another boot" 's/boot=[^\t]*/boot=0/'
not_believed "a note of another interface" 's/interface=vnet7/interface=vnet8/'
not_believed "a note without its port" 's/^port.*//'
not_believed "a note of another version" '1s/\t2\t/\t3\t/'
not_believed "a note of an unknown kind of rules" 's/mode=stateless/mode=strange/'

# --- before the guest comes ---
gate_tool destination put vnet7 rule-icmp > /dev/null
on_destination nft insert rule bridge berth vnet7-egress4 meta mark 7 accept
ok "rules that somebody has changed before it comes" started
ok "are noted" noted
holds groups-two "when they are right"
done_testing
