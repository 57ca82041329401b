#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gate and the rules of a guest's port: before the guest runs the destination's kernel enforces what the policy that came
# along makes there, whatever happened to these rules meanwhile, and whatever the source's kernel enforced.

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
incoming="<job async='migration in' phase='finish3'/>"
facts=/tmp/facts.$$

# guest CASE: it runs on the source, and has come to the destination, each with the rules of its policy
guest()
{
	gate_status source vnet0 "$cases/$1/policy.xml"
	gate_status destination vnet7 "$cases/$1/policy.xml" "$incoming"
	gate_tool source put vnet0 "$1" > "$facts"
	gate_tool destination put vnet7 "$1" > "$facts"
	gate source inquire > "$facts"
}
# passes NAME, refuses REGEX NAME
passes() { is "$(gate destination verify < "$facts"; echo $?)" 0 "$1"; }
refuses() { like "$(gate destination verify < "$facts"; echo $?)" "^berth: $GUEST: $1.*1$" "$2"; }
# holds CASE NAME: the destination's kernel has that program
holds() { prints "$2" "" gate_tool destination compare vnet7 "$1"; }
digest() { grep -o 'digest=[^ ]*'; }
no_rules_sent() { ! grep -q '^rules' "$facts"; }
# repairs NAME COMMAND...: of the destination, which the gate puts right again
repairs()
{
	on_destination nft "${@:2}"
	passes "$1: passes"
	holds groups-two "$1: and is put right"
}

gate_port source vnet0
gate_port destination vnet7
guest groups-two
before=$(on_destination nft -a list ruleset)
passes "the same rules on both hosts"
is "$(on_destination nft -a list ruleset)" "$before" "and none is touched"

# --- behind our back ---
repairs "a rule deleted" delete rule bridge berth vnet7-ingress4 handle \
	"$(on_destination nft -a list chain bridge berth vnet7-ingress4 | sed -n 's/.*@vnet7-.*# handle \([0-9]*\)/\1/p' | head -1)"
repairs "a rule added" insert rule bridge berth vnet7-egress4 accept
repairs "an element deleted" delete element bridge berth vnet7-in4-ports '{ 80 . tcp }'
repairs "the port taken out of the map" delete element bridge berth to_guest '{ "vnet7" }'
repairs "a base chain flushed" flush chain bridge berth from_port
repairs "the table switched off" add table bridge berth '{ flags dormant; }'
repairs "everything flushed" flush ruleset

# --- what the source says ---
like "$(cat "$facts")" 'port.*mode=open.*enforces=stateless.*digest=sha256:[0-9a-f]{64}' "the source sends a digest of its rules"
ok "and none of them" no_rules_sent
gate_status destination vnet7 "$cases/groups-two/policy.xml"
is "$(gate destination inquire | digest)" "$(digest < "$facts")" "the same rules have one digest, whatever the port is called"
guest groups-two
gate_tool source put vnet0 rule-icmp > "$facts"
gate source inquire > "$facts"
passes "other rules at the source: passes"
holds groups-two "and here it has those of its policy"
guest groups-two

# --- flushed at the source ---
on_source nft flush ruleset
gate source inquire > "$facts"
on_destination nft flush chain bridge berth vnet7-ingress4
passes "no rules at the source: passes"
holds groups-two "and here it has those of its policy"
guest groups-two

# --- only the source tracks connections (so it says here: this machine's kernel may not) ---
sed -i 's/enforces=stateless/enforces=tracking/' "$facts"
on_destination nft flush chain bridge berth vnet7-egress4
passes "rules of another kind at the source: passes"
holds groups-two "and here it has those of its policy"
on_destination sh -c '> /etc/berth/berth.conf'
refuses "interface '52:54:00:00:00:01': its security groups: this kernel has no connection tracking" "a policy that this host can't fulfil"
on_destination sh -c 'echo "[firewall]
stateless = approximate" > /etc/berth/berth.conf'
guest groups-two

# --- somebody else's rules among the source's ---
on_source nft insert rule bridge berth vnet0-egress4 meta mark 7 drop
gate source inquire > "$facts"
like "$(cat "$facts")" 'others=1' "a rule at the source that berth doesn't know is counted"
passes "and changes nothing here: passes"
holds groups-two "it has those of its policy"

# --- refused ---
gate_tool source put vnet0 groups-two > "$facts"
gate source inquire > "$facts"
sed -i 's/vlan=0/vlan=100/' "$facts"
refuses "interface '52:54:00:00:00:01': its VLAN was 100 on host" "another VLAN"
gate source inquire | sed 's/mac=52:54:00:00:00:01/mac=52:54:00:00:00:02/' > "$facts"
refuses "interface '52:54:00:00:00:01': on host '.*' the guest has no such interface" "another interface"
gate source inquire | sed '/^end/d' > "$facts"
refuses "the source host's facts: their end is missing" "facts that were cut"
on_destination nft add chain bridge berth mine
on_destination nft add rule bridge berth mine goto vnet7-ingress4
guest groups-two
gate_status destination vnet7 "$cases/port-bare/policy.xml" "$incoming"
refuses "nf_tables: chain 'vnet7-ingress4': Device or resource busy" "what the kernel refuses"
rm "$facts"
done_testing
