#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `berth sync` refuses a running guest's wrong policy in one line, and the old rules stay in force.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset "[network]
vlans = 300"
guest=vm1

# policy_of_size N: with N rules
policy_of_size() { policy "$(port "mac='$MAC1'" $IP1 web)" "<berth:group name='web'>$(yes "<berth:rule direction='egress'/>" | head -n "$1")</berth:group>"; }
# set_big_policy: what is too long for a command line goes through an editor
set_big_policy()
{
	sed "s/berth://g; s/ xmlns:berth='[^']*'//" > "$LAB_DIR/policy"
	on hosta env EDITOR="cp $LAB_DIR/policy" virsh -q metadata $guest --uri urn:berth:policy:1 --key berth --live --edit > /dev/null
}

# wrong WHAT REGEX: the policy that is set now is refused, in one line, and the rules stay
wrong()
{
	local said

	said=$(on hosta berth sync $guest 2>&1) && said="exit 0: $said"
	like "$(grep '^berth: ' <<< "$said")" "^berth: $guest: .*$2" "$1: refused"
	is "$(grep -c '^berth: ' <<< "$said")" 1 "$1: in one line"
	is "$(rules hosta)" "$before" "$1: the rules stay byte for byte"
}

# wrong_policy WHAT REGEX RULE [PORT-ATTRIBUTES]
wrong_policy()
{
	set_policy hosta $guest "$(policy "$(port "mac='$MAC1' ${4:-}" $IP1 web)" "$(group web "$3")")"
	wrong "$1" "$2"
}

ok "guest boots" tiny_boot hosta $guest "ip=$IP1/24" metadata="$(usual_policy)"
before=$(rules hosta)
like "$before" "from guest $guest" "it has rules"
wrong_policy "unknown attribute" "<rule>.*'prot'" "egress prot='tcp'"
wrong_policy "port 70000" "<rule>.*ports.*'70000'" "ingress protocol='tcp' ports='70000'"
wrong_policy "prefix /40" "<rule>.*remote.*'10.0.0.0/40'" "egress remote='10.0.0.0/40'"
wrong_policy "remote and group together" "<rule>.*remote.*group" "egress remote='10.0.0.0/8' group='web'"
wrong_policy "VLAN 0" "<port>.*vlan.*'0'" egress "vlan='0'"
wrong_policy "VLAN 4095" "<port>.*vlan.*'4095'" egress "vlan='4095'"
wrong_policy "VLAN not allowed here" "VLAN 200 is not allowed on this host; add it to 'vlans'" egress "vlan='200'"
wrong_policy "undefined group" "'db'" "egress group='db'"
for name in 'a&quot;b' 'a&#10;b' 'a&lt;b'; do
	set_policy hosta $guest "$(policy "$(port "mac='$MAC1'" $IP1)" "$(group "$name" egress)")"
	wrong "a group's name $name" "<group>.*name"
done
policy_of_size 10000 | set_big_policy
wrong "10 000 rules" "4096"

is "$(passes $IP1 tcp:23 tcp:80)" tcp:23 "they work"
set_policy hosta $guest "$(usual_policy "ingress protocol='tcp' ports='80'")"
ok "a right policy" on hosta berth sync $guest
is "$(passes $IP1 tcp:23 tcp:80 tcp:81)" "tcp:23 tcp:80" "holds"
done_testing
