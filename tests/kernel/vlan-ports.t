#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The VLANs that berth gives to a bridge's ports, and those that it reads, are the ones that `bridge` shows.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
tool=$root/build/tests/netns/link-tool
[ -x "$tool" ] || skip_all "no $tool; make test-programs"

# shown PORT: its VLANs as iproute2 tells them, in link-tool's words
shown()
{
	bridge -j vlan show dev "$1" | tr '{' '\n' | awk '
		match($0, /"vlan":[0-9]+/) {
			first = last = substr($0, RSTART + 7, RLENGTH - 7)
			if (match($0, /"vlanEnd":[0-9]+/))
				last = substr($0, RSTART + 10, RLENGTH - 10)
			words = (/"PVID"/ ? " pvid" : "") (/"Egress Untagged"/ ? " untagged" : "")
			for (vlan = first + 0; vlan <= last + 0; vlan++)
				print vlan words
		}'
}
# listed PORT: as berth reads them
listed() { "$tool" list "$1" | grep -v '^='; }
# agree PORT NAME
agree() { is "$(listed "$1")" "$(shown "$1")" "$2: berth reads what iproute2 shows"; }

ip link add br-lan type bridge vlan_filtering 1
ip link add br-plain type bridge
for port in tap0 tap1 uplink; do
	ip tuntap add $port mode tap
	ip link set $port master br-lan
done
ip tuntap add plain mode tap
ip link set plain master br-plain

is "$(shown tap0)" "1 pvid untagged" "a new port has the bridge's own VLAN"
agree tap0 "a new port"
is "$("$tool" access tap0 100)" "= 0" "port_vlan_set_access()"
is "$(shown tap0)" "100 pvid untagged" "it carries this VLAN alone"
is "$("$tool" access tap0 100) $(shown tap0)" "= 0 100 pvid untagged" "again: the same"
is "$("$tool" access tap0 200) $(shown tap0)" "= 0 200 pvid untagged" "another VLAN takes its place"
bridge vlan add dev tap0 vid 300-310
bridge vlan add dev tap0 vid 1
bridge vlan add dev tap0 vid 4094
agree tap0 "ranges"
is "$("$tool" access tap0 305) $(shown tap0)" "= 0 305 pvid untagged" "what it carried tagged becomes its only one"
is "$("$tool" access tap0 1) $(shown tap0)" "= 0 1 pvid untagged" "the first VLAN"
is "$("$tool" access tap0 4094) $(shown tap0)" "= 0 4094 pvid untagged" "the last"
is "$(shown tap1)" "1 pvid untagged" "another port is as before"

is "$("$tool" tag uplink 100)" "= 1" "port_vlan_add_tagged(): added"
is "$(shown uplink)" "1 pvid untagged
100" "tagged, beside the others"
is "$("$tool" tag uplink 100)" "= 0" "again: carried already"
is "$("$tool" tag uplink 1) $(shown uplink | head -1)" "= 0 1 pvid untagged" "what it carries untagged is left so"
is "$("$tool" untag uplink 100) $(shown uplink)" "= 0 1 pvid untagged" "port_vlan_remove()"
is "$("$tool" untag uplink 100)" "= 0" "again: not there"
is "$("$tool" untag tap0 4094)$(shown tap0)" "= 0" "the only one"
is "$("$tool" list tap0)" "= 0" "then the list is empty"

bridge vlan add dev uplink vid 2-4094
is "$(listed uplink | wc -l)" 4094 "a trunk of all VLANs"
agree uplink "a trunk"
bridge vlan del dev uplink vid 2-4094
# Every other one: no two make a range, so the kernel writes the longest list that there is.
seq -f 'vlan add dev uplink vid %g' 2 2 4094 | bridge -batch -
is "$(listed uplink | wc -l)" 2048 "2048 VLANs without ranges"
agree uplink "they"
is "$("$tool" tag uplink 4094) $("$tool" tag uplink 4093)" "= 0 = 1" "the last is found, its neighbour added"

refusal="EOPNOTSUPP: bridge 'br-plain' does not filter VLANs; \`ip link set br-plain type bridge vlan_filtering 1\`"
is "$("$tool" access plain 100 2>&1)" "$refusal" "a bridge that doesn't filter: refused"
is "$("$tool" tag plain 100 2>&1)" "$refusal" "tagged too"
is "$("$tool" list plain 2>&1)" "$refusal" "and there is nothing to list"
is "$(shown plain)" "1 pvid untagged" "its port is as before"
bridge vlan add dev plain vid 100
is "$("$tool" untag plain 100) $(shown plain)" "= 0 1 pvid untagged" "while what was added to it before is removed"
ip link set br-plain type bridge vlan_filtering 1
is "$("$tool" access plain 100) $(shown plain)" "= 0 100 pvid untagged" "after the remedy it works"
ip link add bond0 type bond
ip link add eth1 type veth peer name eth1-peer
ip link set eth1 master bond0
is "$("$tool" access eth1 100 2>&1)" \
	"EOPNOTSUPP: port 'eth1': 'bond0' is not a bridge of the kernel's; put it on one" "a bond is no bridge"
is "$("$tool" untag eth1 100)" "= 0" "and has no VLAN to remove"
done_testing
