#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With `closed`, a port of such a name passes nothing until its guest's policy has it; without it nothing happens to such a guest.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
ports_reset "closed = vnet*"
guest=vm1
new_mac=52:54:00:00:0c:02
new_ip=10.98.0.12
ip addr replace 10.98.0.254/24 dev lan
in_vain() { ! PROBE_SECONDS=1 passes "$1"; }

# frames_to PORT: how many the host has given to the guest's tap; the kernel counts them behind the firewall
frames_to() { on hosta cat "/sys/class/net/$1/statistics/tx_packets"; }
# frames_from PORT
frames_from() { on hosta cat "/sys/class/net/$1/statistics/rx_packets"; }
# known MAC: the switch has had a frame from there
known() { bridge fdb show br lan | grep -q "^$1"; }
unknown() { ! known "$1"; }
has_sent() { [ "$(frames_from "$port")" -gt 0 ]; }
sync() { on hosta berth sync $guest | grep ports; }
link_of() { virsh_on hosta domiflist $guest | awk -v mac="$1" '$5 == mac { print $1 }'; }

# root_ports: where interfaces can be plugged in
root_ports()
{
	echo "<controller type='pci' index='0' model='pcie-root'/>"
	for i in {1..6}; do echo "<controller type='pci' index='$i' model='pcie-root-port'/>"; done
}
# ipv6_of_taps 0 or 1: whether the host itself speaks IPv6 through new taps, which no bridge's firewall sees
ipv6_of_taps() { on hosta sh -c "echo $((1 - $1)) > /proc/sys/net/ipv6/conf/default/disable_ipv6"; }

# shut WHAT MAC ADDRESS PORT
shut()
{
	ok "$1: it doesn't answer" in_vain "$3"
	prints "$1: no frame has reached it" 0 frames_to "$4"
	ok "$1: the guest itself has sent some" has_sent "$4"
	ok "$1: none has left the host" unknown "$2"
}

mac=52:54:00:00:0c:01
ipv6_of_taps 0
policy_with() { policy "$(port "mac='$mac'" $IP1 web)" "$@" "$(group web "ingress protocol='icmp'" "ingress protocol='tcp' ports='23'" egress)"; }
ok "a guest without policy boots" guest_boot hosta $guest mac=$mac ip=$IP1/24 \
	devices="$(root_ports)"
port=$(tap_of hosta $guest)
ok "it sends something" wait_until has_sent
shut "no policy" $mac $IP1 "$port"
set_policy hosta $guest "$(policy_with)"
is "$(sync)" "$guest: ports changed" "it gets a policy"
is "$(passes $IP1 tcp:23 tcp:80)" tcp:23 "and answers as it says"

ok "an interface is plugged in" virsh_on hosta attach-interface $guest bridge "$(bridge_of hosta)" --mac $new_mac --model virtio --live
port=$(link_of $new_mac)
in_guest $IP1 "for i in 1 2 3 4 5 6 7 8 9; do [ -e /sys/class/net/eth1 ] && break; sleep 1; done
	ip link set eth1 up; ip addr add $new_ip/24 dev eth1; ping -c 1 -W 1 10.98.0.254" > /dev/null
ok "it sends something" wait_until has_sent
shut "plugged in" $new_mac $new_ip "$port"
is "$(sync)" "$guest: ports are up to date" "berth sync changes nothing as long as the policy hasn't got it"
ok "it doesn't answer" in_vain $new_ip
set_policy hosta $guest "$(policy_with "$(port "mac='$new_mac'" $new_ip web)")"
is "$(sync)" "$guest: ports changed" "the policy gets it"
is "$(passes $new_ip tcp:23 tcp:80)" tcp:23 "and it answers as the policy says"
is "$(passes $IP1 tcp:23 tcp:80)" tcp:23 "so does the first one"
ok "berth verify agrees" rules_hold hosta
ok "it is plugged out" virsh_on hosta detach-interface $guest bridge --mac $new_mac --live
set_policy hosta $guest ""
is "$(sync)" "$guest: ports changed" "the policy is gone"
ok "the guest doesn't answer any more" in_vain $IP1

ports_conf "closed = tap* vnet99"
on hosta berth sync $guest > /dev/null
is "$(passes $IP1 tcp:80)" tcp:80 "closed are other names: it answers"
ok "they are closed" has_rules hosta
ports_conf
on hosta berth sync $guest > /dev/null
prints "closed is nothing: no rule is left" "" on hosta nft list ruleset
guest_destroy hosta $guest
ok "it starts" guest_start hosta $guest
prints "and nothing has been done about it" "" on hosta nft list ruleset
ipv6_of_taps 1
ip addr del 10.98.0.254/24 dev lan
done_testing
