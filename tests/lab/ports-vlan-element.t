#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A <vlan> on a Linux bridge, which libvirt acts on from 11.0 on, that contradicts the port's policy: the guest neither comes nor
# starts, in one line, and nothing is left of it. One that says the same as the policy is not refused for it. (This machine's
# kernel filters no VLANs, so none of these comes here in the end; ../volumes/vlan-moves.t has hosts where it does.)

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset
guest=vm1
for host in hosta hostb; do
	berth_conf $host "[network]
vlans = 100 200
uplink = eth1
[firewall]
stateless = approximate"
done
in_vlan() { policy "$(port "mac='$MAC1' ${1:+vlan='$1'}" $IP1)"; }
# with_vlan XML: the interface's element, as somebody writes it
with_vlan() { sed "s,<mac address='$MAC1'/>,&$1,"; }

# refused WHAT REGEX: berth has said that, and hostb is as before
refused()
{
	says "$1" $guest "interface '$MAC1': $2"
	is "$(host_snapshot hostb)" "$before" "$1: nothing is left on hostb"
}
# comes WHAT VLAN-XML REGEX: the guest that runs on hosta, with this element
comes()
{
	virsh_on hosta dumpxml --migratable $guest | with_vlan "$2" > "$LAB_DIR/tmp/$guest.xml"
	before=$(host_snapshot hostb)
	said=$(migrate hosta $guest hostb --xml "$LAB_DIR/tmp/$guest.xml" 2>&1) && said="it moved"
	refused "comes, $1" "$3"
	is "$(guest_state hosta $guest)" running "comes, $1: it runs on hosta"
}
# starts WHAT VLAN-XML REGEX: on hostb, with this element
starts()
{
	tiny_define hostb $guest "" metadata="$(in_vlan 100)"
	virsh_on hostb dumpxml $guest | with_vlan "$2" | virsh_on hostb define /dev/stdin > /dev/null
	before=$(host_snapshot hostb)
	said=$(virsh_on hostb start $guest 2>&1) && said="it started"
	refused "starts, $1" "$3"
	virsh_on hostb undefine $guest > /dev/null
}

no_filter="VLAN 100: bridge '[a-z0-9-]*' of uplink 'eth1' doesn't filter VLANs"
ok "guest boots" tiny_boot hosta $guest ip=$IP1/24 metadata="$(in_vlan "")"
ok "its policy wants VLAN 100 from now on" set_policy hosta $guest "$(in_vlan 100)"
comes "VLAN 200" "<vlan><tag id='200'/></vlan>" "its <vlan> says '200', the policy VLAN 100; take <vlan> out"
comes "a trunk" "<vlan trunk='yes'><tag id='100'/><tag id='101'/></vlan>" "its <vlan> says '[^']*', the policy VLAN 100; take <vlan> out"
comes "the same" "<vlan><tag id='100'/></vlan>" "$no_filter"
comes "none" "" "$no_filter"
ok "the policy wants no VLAN" set_policy hosta $guest "$(in_vlan "")"
ok "it comes" moved hosta $guest hostb
guest_destroy hostb $guest
virsh_on hosta undefine $guest > /dev/null
on hostb rm -f "$(images_of hostb)/$guest.qcow2"
# An older libvirt defines no such domain.
if libvirt_is_at_least 11.0 hostb; then
	starts "VLAN 200" "<vlan><tag id='200'/></vlan>" "its <vlan> says '200', the policy VLAN 100; take <vlan> out"
	starts "the same" "<vlan><tag id='100'/></vlan>" "$no_filter"
fi
done_testing
