#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An interface that is plugged into a guest with a policy passes everything until `berth sync`, for no event tells of it; check,
# verify and sync say so. (With `closed`: ports-closed.t.)

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
ports_reset
guest=vm1
new_mac=52:54:00:00:0c:02
new_ip=10.98.0.12
ip addr replace 10.98.0.254/24 dev lan

# root_ports: where interfaces can be plugged in
root_ports()
{
	echo "<controller type='pci' index='0' model='pcie-root'/>"
	for i in {1..6}; do echo "<controller type='pci' index='$i' model='pcie-root-port'/>"; done
}
link_of() { virsh_on hosta domiflist $guest | awk -v mac="$1" '$5 == mac { print $1 }'; }
policy_with() { policy "$(port "mac='$MAC1'" $IP1 web)" "$@" "$(group web "ingress protocol='icmp'" "ingress protocol='tcp' ports='23'" egress)"; }

ok "guest boots" berth_boot hosta $guest ip=$IP1/24 features='<acpi/>' devices="$(root_ports)" metadata="$(policy_with)"
ok "verify agrees" rules_hold hosta
like "$(on hosta berth check)" "interfaces +note +an interface that is plugged into a running guest passes everything" "check tells"

ok "an interface is plugged in" virsh_on hosta attach-interface $guest bridge "$(bridge_of hosta)" --mac $new_mac --model virtio --live
tap=$(link_of $new_mac)
in_guest $IP1 "for i in 1 2 3 4 5 6 7 8 9; do [ -e /sys/class/net/eth1 ] && break; sleep 1; done
	ip link set eth1 up; ip addr add $new_ip/24 dev eth1; ping -c 1 -W 1 10.98.0.254" > /dev/null
is "$(passes $new_ip tcp:23 tcp:80)" "tcp:23 tcp:80" "it passes everything"
like "$(on hosta berth verify)" "$guest: $tap: open" "verify tells of an interface that the policy doesn't name"
like "$(on hosta berth sync $guest)" "$guest: interface '$new_mac' \($tap\) passes everything" "so does sync"
set_policy hosta $guest "$(policy_with "$(port "mac='$new_mac'" $new_ip web)")"
like "$(on hosta berth verify; echo "exit $?")" "$guest: $tap: differ.*exit 1$" "once the policy names it, verify finds its rules missing"
is "$(passes $new_ip tcp:23 tcp:80)" "tcp:23 tcp:80" "for it passes everything still"
is "$(on hosta berth sync $guest | grep ports)" "$guest: ports changed" "until sync"
is "$(passes $new_ip tcp:23 tcp:80)" tcp:23 "from then on what the policy says"
ok "verify agrees" rules_hold hosta
guest_destroy hosta $guest
ip addr del 10.98.0.254/24 dev lan
done_testing
