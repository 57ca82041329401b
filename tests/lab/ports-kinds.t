#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Interfaces that no bridge of the host sees, and too many rules, are refused in one line; nothing is left of the guest.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
ports_reset
usual=$(usual_policy)

many_rules() { policy "$(port "mac='$MAC1'" $IP1 web)" "<berth:group name='web'>$(yes "<berth:rule direction='egress'/>" | head -n 10000)</berth:group>"; }

# plan_refused WHAT REGEX INTERFACE-XML
plan_refused()
{
	said=$(guest_xml hostb vm2 uuid=67510347-3498-4b63-bd81-0a2192a8d30e metadata="$usual" nic="$3" | on hostb berth plan 2>&1) && said="a plan: $said"
	says "plan, $1" vm2 "$2"
}

start_refused "10 000 rules" "policy: line [0-9]+: more than 4096 <rule>" "$(many_rules)"

for type in user direct openvswitch; do
	source="<source dev='eth1' mode='bridge'/>"
	[ $type != user ] || source=
	what="its type is '$type', .*; "
	interface="<interface type='$type'>$source<mac address='$MAC1'/><model type='virtio'/></interface>"
	if [ $type = openvswitch ]; then
		interface="<interface type='bridge'><source bridge='br-lan'/><virtualport type='openvswitch'/><mac address='$MAC1'/></interface>"
		what="it has a virtualport of type openvswitch, .*; "
	else
		start_refused "$type" "interface '$MAC1': $what" "$usual" nic="$interface"
	fi
	plan_refused "$type" "interface '$MAC1': $what" "$interface"
done
plan_refused "a name of 16 characters" "interface '$MAC1': its name 'tap4567890123456' on the host has more than 15 characters; " \
	"<interface type='bridge'><source bridge='br-lan'/><mac address='$MAC1'/><target dev='tap4567890123456'/></interface>"

virsh_on hosta undefine vm2 > /dev/null
guest_define hosta vm2 metadata="$usual"
ok "and with a bridge it starts" guest_start hosta vm2
done_testing
