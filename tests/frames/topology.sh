# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Bridges whose ports are taps, in a network namespace of the test's own (sourced by *.t).

# shellcheck source=tests/own-space.sh
. "$(dirname "${BASH_SOURCE[0]}")/../own-space.sh"

# only_in_machine: the test needs the virtual machine's kernel
only_in_machine()
{
	[ ! -e /run/job ] && [ -z "${INSIDE:-}" ] || return 0
	# shellcheck source=tests/lab/tap.sh
	. "$(dirname "${BASH_SOURCE[0]}")/../lab/tap.sh"
	skip_all "not in the virtual machine; use tests/kernel/run"
}

# furnish_space CMD...: /sys of this namespace, /run for files, the kernel sends nothing by itself; then CMD makes bridges
furnish_space()
{
	local knob

	mount -t sysfs sys /sys && mount -t tmpfs run /run
	for knob in all default; do echo 1 > /proc/sys/net/ipv6/conf/$knob/disable_ipv6; done
	for knob in iptables ip6tables arptables; do
		[ ! -e /proc/sys/net/bridge/bridge-nf-call-$knob ] || echo 0 > /proc/sys/net/bridge/bridge-nf-call-$knob
	done
	"$@" || { echo "Bail out! no network of our own"; exit 1; }
}

# port_lines BRIDGE PORT...: for ip -batch
port_lines()
{
	local bridge=$1 port

	for port in "${@:2}"; do printf 'link set %s master %s up\n' "$port" "$bridge"; done
}

# tap_lines: for ip -batch; vnet9 is another guest's, somewhere else
tap_lines() { printf 'tuntap add %s mode tap\n' vnet0 vnet1 vnet2 vnet9 out; }

# static_addresses PORT=LAST...: bridge -batch; who has which MAC address is known, and nothing is learnt
static_addresses()
{
	local word

	for word; do
		echo "link set dev ${word%%=*} learning off"
		echo "fdb add 52:54:00:00:00:${word#*=} dev ${word%%=*} master static"
	done
}

# plain_bridge: br-lan with all of them
plain_bridge()
{
	{
		echo "link add br-lan type bridge mcast_snooping 0 forward_delay 0"
		tap_lines
		port_lines br-lan vnet0 vnet1 vnet2 out
		echo "link set br-lan up"
	} | ip -batch - && static_addresses vnet0=10 vnet1=11 vnet2=12 out=99 | bridge -batch -
}

# aware_bridge: br-lan filters VLANs; vnet0 and vnet2 are in 100, vnet1 in 200, out is a trunk
aware_bridge()
{
	{
		echo "link add br-lan type bridge mcast_snooping 0 forward_delay 0 vlan_filtering 1 vlan_default_pvid 0"
		tap_lines
		port_lines br-lan vnet0 vnet1 vnet2 out
		echo "link set br-lan up"
	} | ip -batch - && {
		printf 'vlan add dev %s vid 100 pvid untagged\n' vnet0 vnet2
		echo "vlan add dev vnet1 vid 200 pvid untagged"
		printf 'vlan add dev out vid %s\n' 100 200
	} | bridge -batch -
}

# vlan_bridges: out.100 with vnet0 and vnet2 in br100, out.200 with vnet1 in br200
vlan_bridges()
{
	local vlan

	{
		tap_lines
		echo "link set out up"
		for vlan in 100 200; do
			echo "link add br$vlan type bridge mcast_snooping 0 forward_delay 0"
			echo "link add link out name out.$vlan type vlan id $vlan"
			port_lines br$vlan out.$vlan
		done
		port_lines br100 vnet0 vnet2
		port_lines br200 vnet1
		printf 'link set br%s up\n' 100 200
	} | ip -batch -
}

# uplink_bridge: br-lan with out alone; vnet9 is another guest's
uplink_bridge()
{
	{
		echo "link add br-lan type bridge mcast_snooping 0 forward_delay 0"
		printf 'tuntap add %s mode tap\n' out vnet9
		port_lines br-lan out
		echo "link set br-lan up"
	} | ip -batch -
}
