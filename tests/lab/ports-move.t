#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest's rules are on the destination when it arrives, and gone from the source: there and back, with --p2p and --persistent.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
ports_reset
guest=vm1

# The tap's own name and the handles may differ, nothing else may.
content() { rules "$1" | sed 's/vnet[0-9]*/PORT/g; s/ # handle [0-9]*//'; }
policy_of() { virsh_on "$1" metadata $guest --uri urn:berth:policy:1 "${@:2}"; }
accepted_twice() { [ "$(ports_of "$1" $guest accepted.egress)" -ge 2 ] && [ "$(ports_of "$1" $guest accepted.ingress)" -ge 2 ]; }

# works_on HERE GONE: the guest's packets and berth's words
works_on()
{
	is "$(passes $IP1 tcp:80 udp:53 tcp:24 tcp:22)" tcp:24 "on $1: what the policy allows passes, and nothing else"
	like "$(in_guest $IP1 "ping -c 1 -W 5 10.99.0.254")" " 0% packet loss" "on $1: the guest's own packets pass"
	like "$(in_guest $IP1 "ip addr add 10.99.0.66/24 dev eth0; ping -c 1 -W 1 -I 10.99.0.66 10.99.0.254; ip addr del 10.99.0.66/24 dev eth0")" \
		"100% packet loss" "on $1: not those with an address that is not its own"
	ok "on $1: packets are counted" accepted_twice "$1"
	like "$(ports_of "$1" $guest dropped.egress) $(ports_of "$1" $guest rules) $(ports_of "$1" $guest groups)" "^[1-9] agree web$" \
		"on $1: berth status tells of it"
	like "$(on "$1" berth verify)" "^$guest: vnet[0-9]+: agree$" "on $1: berth verify agrees"
	is "$(content "$1")" "$wanted" "on $1: the rules"
	[ -n "$2" ] || return
	prints "on $2: no rule is left" "" on "$2" nft list ruleset
	like "$(on "$2" berth status)" "Ports of guests with a policy[^
]*
  none" "on $2: berth status has no port"
	like "$(on "$2" berth verify)" "no running guest has a policy" "on $2: berth verify agrees"
}


ok "guest boots on hosta" berth_boot hosta $guest ip=$IP1/24 metadata="$(usual_policy)"
wanted=$(content hosta)
like "$wanted" "from guest $guest" "nft shows whose the rules are"
works_on hosta ""
plan=$(virsh_on hosta dumpxml --migratable $guest | on hostb berth plan)
like "$plan" "port $MAC1: security groups web \(3 rules\), answers by port and flag" "berth plan on hostb tells of the port"
ok "and makes nothing" no_rules hostb

policy_before=$(policy_of hosta)
ok "to hostb" moved hosta $guest hostb
works_on hostb hosta
is "$(policy_of hostb)" "$policy_before" "the policy came along"
ok "back, with --p2p and --persistent" moved hostb $guest hosta --p2p --persistent --undefinesource
works_on hosta hostb
is "$(policy_of hosta --config)" "$policy_before" "the stored definition has the policy"

guest_destroy hosta $guest
prints "it stops: no rule is left" "" on hosta nft list ruleset
ok "it starts from its stored definition" guest_start hosta $guest
ok "and has its rules" rules_hold hosta $guest
is "$(content hosta)" "$wanted" "the same ones"
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
done_testing
