#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What berth asks a real kernel of its network: is the bridge there, has this host the address to listen on.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"

# Both go with the namespaces.
mount -t sysfs sys /sys && mount -t tmpfs work /mnt || skip_all "no namespaces of our own"
work=/mnt

# conf [LINE]...
conf() { printf '%s\n' '[bridges]' 'br0 = br-lan' "$@" > "$work/berth.conf"; }
# plan_for ADDRESS: what berth would do for a guest that wants to listen there
plan_for()
{
	"$root/build/berth" plan --config "$work" 2>&1 <<-XML
	<domain type='kvm'>
	 <name>vm1</name><uuid>0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f5</uuid>
	 <devices>
	  <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/></interface>
	  <graphics type='vnc' port='-1' listen='$1'><listen type='address' address='$1'/></graphics>
	 </devices>
	</domain>
	XML
}

plan 10
ip link set lo up
conf
like "$(plan_for 127.0.0.1)" "interface '52:54:00:00:00:01': bridge 'br-lan' is not on this host; make it" "no bridge: refused"
ip link add br-lan type bridge
is "$(plan_for 127.0.0.1)" "change bridge 'br0' to 'br-lan'" "with the bridge it may come"
is "$(plan_for 0.0.0.0)" "change bridge 'br0' to 'br-lan'" "the wildcard address is everywhere"
like "$(plan_for 192.0.2.7)" "graphics 0: this host has no address '192.0.2.7' to listen on; name one" "an address of the other host: refused"
ip addr add 192.0.2.7/24 dev br-lan
is "$(plan_for 192.0.2.7)" "change bridge 'br0' to 'br-lan'" "an address that this host has too stays"
conf '[graphics]' 'listen = 192.0.2.7 2001:db8::7'
like "$(plan_for 198.51.100.1)" "change listen '198.51.100.1' to '192.0.2.7'" "[graphics] listen takes its place"
like "$(plan_for 2001:db8::1)" "change listen '2001:db8::1' to '2001:db8::7'" "in the same address family"
ip addr add 2001:db8::1/64 dev br-lan nodad
is "$(plan_for 2001:db8::1)" "change bridge 'br0' to 'br-lan'" "an IPv6 address that this host has stays"
conf '[graphics]' 'listen = 2001:db8::7'
like "$(plan_for 198.51.100.1)" "this host has no address '198.51.100.1'" "an IPv6 address is none for IPv4"
ip link del br-lan
like "$(plan_for 127.0.0.1)" "bridge 'br-lan' is not on this host" "the bridge has gone: refused again"
