#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gate, a guest's VLAN and rules that track connections: a port that is not in its VLAN alone, or whose VLAN the uplink
# doesn't carry, is refused; rules that are not the policy's are put right, in the destination's zone and mode.
# Long: it starts some 200 programs in the emulated kernel.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/gate.sh
. "$root/tests/netns/gate.sh"
[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
export GATE_ETC_IS_OURS=1
gate_hosts || skip_all "no namespaces of our own"
work=$(mktemp -d)
incoming="<job async='migration in' phase='finish3'/>"
cat > "$work/policy" <<-XML
<berth:policy xmlns:berth='urn:berth:policy:1'><berth:port mac='52:54:00:00:00:01' vlan='100'><berth:address>10.0.0.1</berth:address><berth:group>g</berth:group></berth:port>
 <berth:group name='g'><berth:rule direction='ingress' protocol='tcp' ports='80'/><berth:rule direction='egress'/></berth:group></berth:policy>
XML

# conf HOST MODE
conf() { printf '%s\n' "[network]" "uplink = eth1" "vlans = 100-199" "mode = $2" | "on_$1" tee /etc/berth/berth.conf > /dev/null; }
# arrive HOST TAP BRIDGE [JOB]: up to the moment before it runs
arrive()
{
	gate_status "$1" "$2" "$work/policy" "${4:-}"
	gate_event "$1" prepare begin && "on_$1" ip link set "$2" master "$3" && gate_event "$1" start begin || return
	[ -z "${4:-}" ] || gate_event "$1" started begin
}
passes() { is "$(gate destination verify < "$work/facts"; echo $?)" 0 "$1"; }
# wrong NAME REGEX COMMAND UNDO: with COMMAND done on the destination, when the guest waits to be verified, it is refused
wrong()
{
	gate_event destination started begin
	on_destination sh -ec "$3"
	like "$(gate destination verify < "$work/facts"; echo $?)" \
		"^berth: $GUEST: interface '52:54:00:00:00:01': (VLAN 100: )?$2"$'\n1$' "$1: refused"
	on_destination sh -ec "$4"
}
# In any order: what was made anew stands elsewhere in the listing.
rules() { on_destination nft -s list table bridge berth | LC_ALL=C sort; }
# repairs NAME NFT...: of the destination
repairs()
{
	on_destination nft "${@:2}"
	passes "$1: passes"
	is "$(rules)" "$wanted" "$1: and is put right"
	handles=$(on_destination nft -s -a list table bridge berth)
	passes "$1: passes once more"
	is "$(on_destination nft -s -a list table bridge berth)" "$handles" "$1: nothing was left to do then, in any order"
}
for host in source destination; do
	conf $host aware
	"on_$host" ip link add eth1 type veth peer name eth1.out
	"on_$host" ip link set br0 type bridge vlan_filtering 1
	"on_$host" ip link set eth1 master br0 up
done
gate_mark destination
gate_port source vnet0
gate_port destination vnet7
ok "the guest has run on the source" arrive source vnet0 br0
ok "and has come to the destination" arrive destination vnet7 br0 "$incoming"
gate source inquire > "$work/facts"
like "$(cat "$work/facts")" "vlan=100.*enforces=tracking" "it is in a VLAN, its rules track connections"
passes "all is right"
wanted=$(rules)
alone="'vnet7' is not in it alone any more"
wrong "not in its VLAN" "$alone" "bridge vlan del dev vnet7 vid 100" "bridge vlan add dev vnet7 vid 100 pvid untagged"
wrong "in another VLAN" "$alone" "bridge vlan del dev vnet7 vid 100; bridge vlan add dev vnet7 vid 150 pvid untagged" \
	"bridge vlan del dev vnet7 vid 150; bridge vlan add dev vnet7 vid 100 pvid untagged"
wrong "in one VLAN more" "$alone" "bridge vlan add dev vnet7 vid 150" "bridge vlan del dev vnet7 vid 150"
wrong "the uplink doesn't carry it" "uplink 'eth1' doesn't carry it any more" "bridge vlan del dev eth1 vid 100" "bridge vlan add dev eth1 vid 100"
wrong "the bridge doesn't filter" "'vnet7' is on bridge 'br0', which is not the VLAN-aware bridge of uplink 'eth1'" \
	"ip link set br0 type bridge vlan_filtering 0" "ip link set br0 type bridge vlan_filtering 1"
wrong "on no bridge" "'vnet7' is no bridge's port" "ip link set vnet7 nomaster" \
	"ip link set vnet7 master br0; bridge vlan del dev vnet7 vid 1; bridge vlan add dev vnet7 vid 100 pvid untagged"
passes "its VLAN is right again"
repairs "a rule added" insert rule bridge berth vnet7-egress accept
repairs "the table deleted" delete table bridge berth
for name in stopped release; do gate_event destination $name end; done
conf destination per-vlan
on_destination ip link set eth1 nomaster
ok "it comes to a host with a bridge for each VLAN" arrive destination vnet7 br100 "$incoming"
wanted=$(rules)
repairs "there, the table deleted" delete table bridge berth
wrong "on another bridge" "it is on bridge 'br0', not on 'br100'" "ip link set vnet7 master br0" "ip link set vnet7 master br100"
wrong "no VLAN device" "bridge 'br100' has no VLAN device of uplink 'eth1'" "ip link set eth1.100 nomaster" "ip link set eth1.100 master br100"
done_testing
