#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A bridge for each VLAN: made as far as it is missing, removed when it is empty and berth made it, never anybody else's.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
tool=$root/build/tests/netns/link-tool
[ -x "$tool" ] || skip_all "no $tool; make test-programs"

mount -t sysfs sys /sys || skip_all "no namespaces of our own"

# show LINK KEY...: the values that iproute2 gives these
show()
{
	local json key values=()

	json=$(ip -j -d link show "$1" 2> /dev/null)
	for key in "${@:2}"; do
		[[ $json =~ \"$key\":\"?([^],\"}]+) ]] && values+=("${BASH_REMATCH[1]}") || values+=(none)
	done
	echo "${values[*]}"
}
# is_up LINK
is_up() { ip -j link show "$1" | grep -q '"flags":\[[^]]*"UP"'; }
# A module may put a file there meanwhile (bonding_masters).
links() { ls -d /sys/class/net/*/; }
fresh()
{
	local link

	for link in br100 br200 eth1.100 other a-long-uplink eth1; do
		ip link del "$link" 2> /dev/null
	done
	ip link add eth1 mtu 1400 type veth peer name eth1-peer
	ip link set eth1 up
	ip link set eth1-peer up
}

# --- making ---

fresh
alone=$(links)
is "$("$tool" make eth1 100)" "= 0" "vlan_bridge_make()"
is "$(show eth1.100 info_kind id protocol link)" "vlan 100 802.1Q eth1" "the VLAN device"
is "$(show eth1.100 mtu master ifalias)" "1400 br100 berth" "with the uplink's MTU, a port of the bridge, with the alias"
is "$(show br100 info_kind stp_state forward_delay mtu ifalias)" \
	"bridge 0 0 1400 berth" "the bridge: no STP, no delay"
ok "the VLAN device is up" is_up eth1.100
ok "the bridge is up" is_up br100
addresses() { ip -br addr show br100 | awk '{ print $1 $3 }'; }
prints "the host has no address there, not even a link-local one" br100 addresses
like "$("$tool" find eth1.100)" "vlan=100 parent=$(< /sys/class/net/eth1/ifindex) ours=1" "link_find() reads it so"
before=$(ip link)
is "$("$tool" make eth1 100)" "= 0" "again"
is "$(ip link)" "$before" "changes nothing"
is "$("$tool" make eth1 200) $(show eth1.200 master)" "= 0 br200" "another VLAN beside it"
is "$("$tool" unmake eth1 200)" "= 1" "vlan_bridge_remove()"
is "$("$tool" unmake eth1 100)" "= 1" "of the first"
is "$(links)" "$alone" "all as before"
is "$("$tool" unmake eth1 100)" "= 0" "again: nothing to remove"

# --- names, and links that are there already ---

ip link add a-long-uplink type veth peer name p2
ip link set a-long-uplink up
is "$("$tool" make a-long-uplink 100) $(show vlan100 link master)" "= 0 a-long-uplink br100" "16 characters: vlan100"
is "$("$tool" unmake a-long-uplink 100)" "= 1" "found and removed under that name"
is "$("$tool" make a-long-uplink 7) $(show a-long-uplink.7 master)" "= 0 br7" "15 characters fit"
is "$("$tool" unmake a-long-uplink 7)" "= 1" "and removed"
ip link add other link eth1 type vlan id 100
is "$("$tool" make eth1 100) $(show other master ifalias)" "= 0 br100 none" "a VLAN device of another name is used, not marked"
ok "and set up" is_up other
is "$("$tool" unmake eth1 100) $(show br100 ifname) $(show other ifname)" "= 1 none other" "only what berth made goes"
ip link del other
ip link add br100 type bridge
is "$("$tool" make eth1 100) $(show br100 ifalias) $(show eth1.100 master)" "= 0 none br100" "a bridge that is there is used"
is "$("$tool" unmake eth1 100) $(show br100 ifname) $(show eth1.100 ifname)" "= 1 br100 none" "and stays"
ip link add eth1.100 link eth1 type vlan id 100 protocol 802.1ad
like "$("$tool" make eth1 100 2>&1)" "^EEXIST: VLAN device 'eth1.100': something else has this name; rename that$" "802.1ad is something else"
fresh

# --- refused: and nothing is left ---

before=$(links)
ip link add br100 type veth peer name p1
is "$("$tool" make eth1 100 2>&1)" "EEXIST: bridge 'br100': something else has this name; rename that" "br100 is no bridge"
is "$(show eth1.100 ifname)" none "the VLAN device that was made for it is gone again"
ip link del br100
ip link add eth1.100 type veth peer name p1
is "$("$tool" make eth1 100 2>&1)" "EEXIST: VLAN device 'eth1.100': something else has this name; rename that" "eth1.100 is no VLAN device"
ip link del eth1.100
ip link add eth1.100 link eth1 type vlan id 7
like "$("$tool" make eth1 100 2>&1)" "^EEXIST: VLAN device 'eth1.100': something else" "eth1.100 is VLAN 7"
ip link del eth1.100
ip link add other type bridge
ip link add eth1.100 master other link eth1 type vlan id 100
is "$("$tool" make eth1 100 2>&1)" \
	"EEXIST: VLAN device 'eth1.100' is a port of something else than bridge 'br100'; \`ip link set eth1.100 nomaster\`" \
	"the VLAN device is another bridge's"
is "$(show br100 ifname) $(show eth1.100 master)" "none other" "it stays so, the bridge that was made is gone"
ip link del eth1.100
ip link del other
ip link set eth1 down
is "$("$tool" make eth1 100 2>&1)" "ENETDOWN: uplink 'eth1' is down; \`ip link set eth1 up\`" "the uplink is down"
is "$(links)" "$before" "nothing is left of all that"
like "$("$tool" make lo 100 2>&1)" "^EOPNOTSUPP: VLAN device 'lo.100' on uplink 'lo': making it: .*VLANs not supported on device" \
	"an uplink that can't: the kernel's own words"
fresh

# --- in use: stays ---

# stays WHY: neither is removed
stays() { is "$("$tool" unmake eth1 100) $(show br100 ifname) $(show eth1.100 ifname)" "= 0 br100 eth1.100" "$1: stays"; }
"$tool" make eth1 100 > /dev/null
ip tuntap add tap0 mode tap
ip link set tap0 master br100
stays "another port"
ip link del tap0
ip addr add 192.0.2.1/24 dev br100
stays "an IPv4 address"
ip addr flush dev br100
echo 0 > /proc/sys/net/ipv6/conf/br100/disable_ipv6
ip addr add 2001:db8::1/64 dev br100 nodad
stays "an IPv6 address"
ip addr del 2001:db8::1/64 dev br100
ip link add top link br100 type vlan id 9
stays "a link upon the bridge"
ip link del top
ip link add top link eth1.100 type macvlan mode bridge 2> /dev/null || ip link add top link eth1.100 type vlan id 9
stays "a link upon the VLAN device"
ip link del top
ip link set eth1.100 nomaster
ip addr add 192.0.2.1/24 dev eth1.100
is "$("$tool" unmake eth1 100) $(show eth1.100 ifname)" "= 0 eth1.100" "an address of the VLAN device: stays"
ip addr flush dev eth1.100
ip link set eth1.100 master br100
ip addr add fe80::1/64 dev br100 nodad
is "$("$tool" unmake eth1 100)" "= 1" "a link-local address keeps nothing"
ip link add br100 type bridge
ip tuntap add tap0 mode tap
ip link set tap0 master br100
"$tool" make eth1 100 > /dev/null
stays "a bridge that isn't ours, with another port"
ip link del tap0
"$tool" make eth1 200 > /dev/null
ip link add other type bridge
ip link set eth1.200 master other
is "$("$tool" unmake eth1 200) $(show br200 ifname) $(show eth1.200 master)" "= 1 none other" "a VLAN device that somebody moved stays"
ip link del eth1.200
"$tool" make eth1 200 > /dev/null
ip link del eth1
is "$("$tool" unmake eth1 200) $(show br200 ifname)" "= 1 none" "the uplink is gone: its bridge goes"
fresh

# --- two at once ---

failed=0
for round in 1 2 3 4 5; do
	pids=()
	for _ in 1 2 3 4; do
		"$tool" make eth1 100 > /dev/null & pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=$((failed + 1))
	done
	[ "$(show eth1.100 master ifalias) $(show br100 ifalias)" = "br100 berth berth" ] || failed=$((failed + 1))
	[ "$("$tool" unmake eth1 100)" = "= 1" ] || failed=$((failed + 1))
done
is "$failed" 0 "four at once, $round times: each succeeds, and all is there once"
done_testing
