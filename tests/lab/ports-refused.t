#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a host can't give a guest's ports is refused, in one line, when the guest starts and when it comes; nothing is left of it.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset
guest=vm1
usual=$(usual_policy)

# in_vlan VLAN: the usual policy's port in it
in_vlan() { policy "$(port "mac='$MAC1' vlan='$1'" $IP1)"; }
# conf LINES: of both hosts
conf() { for host in hosta hostb; do berth_conf "$host" "$1"; done; }

# move_refused WHAT REGEX: the running guest, as it is now, doesn't come to hostb
move_refused()
{
	local before rules_before

	before=$(host_snapshot hostb)
	rules_before=$(rules hosta)
	said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
	says "move, $1" $guest "$2"
	is "$(host_snapshot hostb)" "$before" "move, $1: nothing is left on hostb"
	is "$(guest_state hosta $guest)" running "move, $1: the guest runs on hosta"
	is "$(rules hosta)" "$rules_before" "move, $1: with its rules"
}

# both WHAT REGEX POLICY
both()
{
	start_refused "$1" "$2" "$3"
	set_policy hosta $guest "$3"
	move_refused "$1" "$2"
}

ok "guest boots" tiny_boot hosta $guest ip=$IP1/24 metadata="$usual"
ok "it has rules" has_rules hosta

conf "[firewall]
stateless = refuse"
both "no connection tracking" "interface '$MAC1': its security groups: .*nf_conntrack_bridge.*; .*stateless = approximate" "$usual"
ports_conf
both "VLAN not allowed" "interface '$MAC1': VLAN 100 is not allowed on this host; " "$(in_vlan 100)"
conf "[network]
vlans = 100"
both "no uplink" "interface '$MAC1': VLAN 100 needs an uplink on this host; " "$(in_vlan 100)"
conf "[network]
vlans = 100
uplink = eth7"
both "uplink absent" "interface '$MAC1': VLAN 100: uplink 'eth7' is not on this host; " "$(in_vlan 100)"
conf "[network]
vlans = 100
uplink = eth0"
both "uplink is no bridge's port" "interface '$MAC1': VLAN 100: uplink 'eth0' is no bridge's port; " "$(in_vlan 100)"
conf "[network]
vlans = 100
uplink = eth1"
both "bridge doesn't filter VLANs" "interface '$MAC1': VLAN 100: bridge '[a-z0-9-]*' of uplink 'eth1' doesn't filter VLANs; " "$(in_vlan 100)"
ports_conf

both "undefined group" "policy: line [0-9]+: <group>.*'web'.*; " "$(policy "$(port "mac='$MAC1'" $IP1 web)")"
both "wrong policy" "policy: line [0-9]+: <rule> ports='70000'" "$(policy "$(port "mac='$MAC1'" $IP1 a)" "$(group a "egress protocol='tcp' ports='70000'")")"
set_policy hosta $guest "$usual"
conf "[firewall]
stateles = refuse"
start_refused "broken configuration" "/etc/berth/berth.conf:[0-9]+: unknown key 'stateles' in \[firewall\]; " "$usual"
move_refused "broken configuration" "/etc/berth/berth.conf:[0-9]+: unknown key 'stateles' in \[firewall\]; "
virsh_on hosta undefine vm2 > /dev/null
tiny_define hosta vm2 "" mac=$MAC2
ok "a guest without policy starts with a broken configuration" guest_start hosta vm2
ports_conf
ok "and then vm1 migrates" moved hosta $guest hostb
done_testing
