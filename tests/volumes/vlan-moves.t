#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest's VLAN goes with it: the machine's kernel may filter none, these hosts' kernel does. So it is with libvirt's own element
# <vlan>, which libvirt acts on from 11.0 on, if it says the same as the policy.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
need_tiny
berth_reset
guest=vm1
element="<vlan><tag id='100'/></vlan>"
# vlans HOST PORT: those that the bridge's port carries, as iproute2 tells them
vlans() { on "$1" bridge vlan show dev "$2" | awk 'NR > 1 { $1 = ($1 == "'"$2"'" ? "" : $1); print }' | xargs; }
answers() { on storage busybox ping -q -c 1 -W 2 $IP1; }
filters()
{
	local host

	for host in $LAB_HOSTS; do on "$host" ip link set "$(bridge_of "$host")" type bridge vlan_filtering "$1" || return; done
}
lab_tidy_more()
{
	on storage sh -c 'ip link del eth1.100; ip addr flush dev eth1'
	filters 0
}
# has_its_vlan HOST OTHER
has_its_vlan()
{
	prints "on $1: the port has VLAN 100 alone" "100 PVID Egress Untagged" vlans "$1" "$(tap_of "$1" $guest)"
	like " $(vlans "$1" eth1) " " 100 " "on $1: the uplink carries it"
	ok "on $1: the guest is reached in VLAN 100" wait_until answers
	ok "on $2: the uplink carries it no more" wait_until carries_not "$2"
}
carries_not() { [[ " $(vlans "$1" eth1) " != *" 100 "* ]]; }

on storage sh -ec "modprobe 8021q
	ip link set eth1 up
	ip link add link eth1 name eth1.100 type vlan id 100
	ip link set eth1.100 up
	ip addr add 10.99.0.254/24 dev eth1.100"
ok "the bridges filter VLANs" filters 1
for host in hosta hostb; do
	berth_conf $host "[limits]
disk_reserve_mib = 0
[network]
vlans = 100
uplink = eth1"
done
ok "guest boots" tiny_boot hosta $guest ip=$IP1/24 metadata="$(policy "$(port "mac='$MAC1' vlan='100'" $IP1)")"
has_its_vlan hosta hostb
ok "it moves" moved hosta $guest hostb
has_its_vlan hostb hosta
ok "and back" moved hostb $guest hosta
has_its_vlan hosta hostb
if libvirt_is_at_least 11.0 hostb; then
	virsh_on hosta dumpxml --migratable $guest | sed "s,<mac address='$MAC1'/>,&$element," > "$LAB_DIR/tmp/$guest.xml"
	ok "it moves with <vlan>" moved hosta $guest hostb --xml "$LAB_DIR/tmp/$guest.xml"
	like "$(virsh_on hostb dumpxml $guest)" "<tag id='100'/>" "hostb's libvirt knows it"
	has_its_vlan hostb hosta
fi
done_testing
