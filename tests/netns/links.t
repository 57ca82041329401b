#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What berth reads of a host's links is what iproute2 shows, and a kernel without VLANs is told of as such.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
tool=$root/build/tests/netns/link-tool
[ -x "$tool" ] || skip_all "no $tool; make test-programs"
mount -t sysfs sys /sys || skip_all "no namespaces of our own"

# link LINK KEY: what berth reads
link() { "$tool" find "$1" | grep -o "\b$2=[^ ]*" | cut -d= -f2; }
index() { cat "/sys/class/net/$1/ifindex"; }
# links: all but their state, which follows from traffic
links() { ip -j link | grep -o '"ifname":"[^"]*"' | sort; }

ip link add br-lan type bridge forward_delay 0
ip link add eth1 mtu 1400 type veth peer name eth1-peer
ip tuntap add tap0 mode tap
ip link set tap0 master br-lan
ip link set dev eth1 alias "somebody's berth"

is "$(link br-lan index)" "$(index br-lan)" "a bridge: its index"
is "$(link br-lan bridge) $(link eth1 bridge) $(link tap0 bridge)" "1 0 0" "only a bridge is a bridge"
is "$(link tap0 master)" "$(index br-lan)" "a port: its master"
is "$(link br-lan master) $(link eth1 master)" "0 0" "others have none"
is "$(link eth1 mtu)" 1400 "the MTU"
is "$(link eth1 ours)" 0 "another alias isn't ours"
ip link set dev eth1 alias berth
is "$(link eth1 ours)" 1 "this one is"
is "$(link eth1 vlan) $(link eth1 parent)" "0 0" "a veth lies on its peer, but is no VLAN device"
is "$("$tool" find nosuch)" "= 0" "no such link"
is "$("$tool" find a-name-of-20-letters)" "= 0" "no such name"
is "$("$tool" find '')" "= 0" "nor an empty one"
ip link property add dev eth1 altname trunk-to-the-switch
is "$("$tool" find trunk-to-the-switch)" "= 0" "a name that is too long for a struct link doesn't count"

for vlan in 0 4095 65535; do
	is "$("$tool" access tap0 $vlan 2>&1)" "EINVAL: VLAN $vlan: must be 1 to 4094" "VLAN $vlan: refused for a port"
	is "$("$tool" make eth1 $vlan 2>&1)" "EINVAL: VLAN $vlan: must be 1 to 4094" "and for a bridge"
	is "$("$tool" unmake eth1 $vlan 2>&1)" "EINVAL: VLAN $vlan: must be 1 to 4094" "and to remove"
done
is "$("$tool" access eth1 100 2>&1)" "ENODEV: port 'eth1': is not a bridge's port; put it on a bridge" "not a port"
is "$("$tool" tag nosuch 100 2>&1)" "ENODEV: port 'nosuch': is not on this host" "no such port"
is "$("$tool" untag nosuch 100)" "= 0" "it carries no VLAN either"
is "$("$tool" untag eth1 100)" "= 0" "nor does what is no port"
is "$("$tool" make nosuch 100 2>&1)" \
	"ENODEV: uplink 'nosuch' is not on this host; make it, or name another" "no such uplink"
ip tuntap add br100 mode tap
is "$("$tool" unmake eth1 100)" "= 0" "what only has the bridge's name isn't removed"
is "$(link br100 bridge)" 0 "and is still there"
ip link del br100

if ip link add probe link eth1 type vlan id 7 2> /dev/null; then
	ip link del probe
	skip "this kernel has VLAN devices"
	skip "this kernel has VLAN devices"
else
	before=$(links)
	is "$("$tool" make eth1 100 2>&1)" \
		"EOPNOTSUPP: VLAN device 'eth1.100': the kernel has no VLAN devices (8021q); load it" "no VLAN devices"
	is "$(links)" "$before" "and nothing is left of the attempt"
fi
if ip link set br-lan type bridge vlan_filtering 1 2> /dev/null; then
	skip "this kernel filters VLANs"
	skip "this kernel filters VLANs"
else
	refusal="EOPNOTSUPP: bridge 'br-lan': the kernel's bridges don't filter VLANs; it needs CONFIG_BRIDGE_VLAN_FILTERING"
	is "$("$tool" access tap0 100 2>&1)" "$refusal" "no VLAN filtering"
	is "$("$tool" list tap0 2>&1)" "$refusal" "that is no empty list"
fi
done_testing
