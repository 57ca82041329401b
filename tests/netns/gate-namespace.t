#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gate sees a policy whose namespace is declared on an element around it, as libvirt keeps it: its rules are looked after.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/gate.sh
. "$root/tests/netns/gate.sh"
gate_hosts || skip_all "no namespaces of our own"
policy=$root/tests/data/firewall/groups-two/policy.xml
uri=urn:berth:policy:1
facts=/tmp/facts.$$
trap 'rm -f "$facts" "$facts.policy"' EXIT

# declare_on ELEMENT: on both hosts the policy has a prefix that this element of the status file declares
declare_on()
{
	sed "s| xmlns='$uri'||; s|<\(/*\)|<\1b:|g" "$policy" > "$facts.policy"
	gate_status source vnet0 "$facts.policy"
	gate_status destination vnet7 "$facts.policy" "<job async='migration in' phase='finish3'/>"
	on_source sed -i "s|<$1|& xmlns:b='$uri'|" "/run/libvirt/qemu/$GUEST.xml"
	on_destination sed -i "s|<$1|& xmlns:b='$uri'|" "/run/libvirt/qemu/$GUEST.xml"
}

gate_port source vnet0
gate_port destination vnet7
for element in metadata domain; do
	declare_on $element
	gate_tool source put vnet0 groups-two > "$facts"
	gate source inquire > "$facts"
	like "$(cat "$facts")" 'in-policy=1' "declared on <$element>: the source says that the policy names the port"
	on_destination nft flush ruleset
	is "$(gate destination verify < "$facts"; echo $?)" 0 "declared on <$element>: the guest may run"
	prints "declared on <$element>: and has its rules" "" gate_tool destination compare vnet7 groups-two
done
done_testing
