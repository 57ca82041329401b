#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# This kernel has what the other tests of this group are about, loads its modules on demand, and the tests may use it all.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"
[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
zone=7

# in_space SPACE CMD...
in_space() { ip netns exec "$@"; }

# add_host NAME ADDRESS: a network namespace with eth0, whose other end NAME is a port of br0
add_host()
{
	ip netns add "$1" && ip link add "$1" type veth peer name eth0 netns "$1" && ip link set "$1" master br0 up &&
		in_space "$1" ip addr add "$2/24" dev eth0 && in_space "$1" ip link set eth0 up
}

# conntrack_zones PROTOCOL: the zone of each entry of that IP protocol, by netlink
conntrack_zones()
{
	perl -e '
		use Socket;
		my ($wanted, $end) = (shift, 0);
		socket(my $netlink, 16, SOCK_RAW, 12) or die "socket: $!";
		send($netlink, pack("LSSLL CCn", 20, 0x101, 0x301, 1, 0, AF_INET, 0, 0), 0) or die "send: $!";
		while (!$end) {
			defined recv($netlink, my $data, 65536, 0) or die "recv: $!";
			while (length $data >= 16) {
				my ($length, $type) = unpack "LS", $data;
				my $message = substr $data, 0, $length;
				$data = substr $data, ($length + 3) & ~3;
				$type != 2 or die "error ", unpack("x16 l", $message), "\n";
				last if $end = $type == 3;
				my (%top, $protocol);
				for (my $at = 20; $at < length $message;) {
					my ($size, $name) = unpack "SS", substr $message, $at, 4;
					$top{$name & 0x3fff} = substr $message, $at + 4, $size - 4;
					$at += ($size + 3) & ~3;
				}
				# CTA_TUPLE_ORIG: CTA_TUPLE_IP of 20 bytes, CTA_TUPLE_PROTO with CTA_PROTO_NUM first
				$protocol = unpack "x28 C", $top{1};
				print unpack("n", $top{18} // "\0\0"), "\n" if $protocol == $wanted;
			}
		}' "$1"
}

# rules: what berth asks of the bridge family
rules()
{
	nft -f - <<-NFT
	table bridge features {
		map zones { type ifname : verdict; elements = { "hosta" : jump zoned, "hostb" : jump zoned } }
		chain zoned { ct zone set $zone; }
		chain zone { type filter hook prerouting priority -300; iifname vmap @zones; }
		chain arriving {
			type filter hook prerouting priority 0
			meta ibrname br0 meta ibrpvid 100 counter comment "bridge and VLAN"
			tcp dport 80 reject with icmpx type admin-prohibited
		}
		chain leaving {
			type filter hook postrouting priority 0;
			ct state established counter accept comment "established"
		}
	}
	NFT
}

# packets COMMENT: what the rule of that comment has counted
packets() { nft list table bridge features | sed -n "s/.*counter packets \([0-9]*\) .*comment \"$1\"/\1/p"; }

# connect_to_80: what a client says of it
connect_to_80() { in_space hosta timeout 20 bash -c 'exec 3<> /dev/tcp/10.0.0.2/80' 2>&1; }

loaded() { grep -q "^$1 " /proc/modules; }
not_loaded() { ! loaded "$1" && [ ! -e "/sys/module/$1" ]; }

like "$(uname -r)" '^[0-9.]+([-+~][a-z0-9.]+)*-amd64$' "Debian's stock kernel"
is "$(echo /sys/class/net/*)" /sys/class/net/lo "no network to the outside"
ok "a VLAN-aware bridge" ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0
ok "a tap device" ip tuntap add tap0 mode tap
ok "it becomes a port" ip link set tap0 master br0
ok "untagged in VLAN 100" bridge vlan add dev tap0 vid 100 pvid untagged
like "$(bridge vlan show dev tap0)" '100 PVID Egress Untagged' "as the kernel says"
ip link add uplink type veth peer name switch
ok "a VLAN device" ip link add link uplink name uplink.100 type vlan id 100
ok "a dummy device" ip link add dummy0 type dummy
ok "two hosts with a port each" eval "add_host hosta 10.0.0.1 && add_host hostb 10.0.0.2"
for port in hosta hostb; do bridge vlan add dev $port vid 100 pvid untagged; done
ip link set br0 up
ok "bridge rules with zones, connection states, bridge name and VLAN, reject" rules
ok "the hosts reach each other" in_space hosta busybox ping -c 3 -W 20 10.0.0.2
like "$(packets 'bridge and VLAN')" '^[1-9]' "the bridge's name and the VLAN were matched"
like "$(packets established)" '^[1-9]' "answers belong to a connection"
is "$(conntrack_zones 1 | sort -u)" $zone "ctnetlink lists the connection, in its zone"
like "$(connect_to_80)" "No route to host" "a connection to port 80 is rejected as prohibited"
for module in nf_conntrack_bridge nft_meta_bridge nft_reject_bridge nf_conntrack_netlink 8021q; do
	ok "$module was loaded on demand" loaded $module
done
ok "br_netfilter is not there" not_loaded br_netfilter
ip netns del hosta
ip netns del hostb
nft delete table bridge features
for link in br0 tap0 uplink dummy0; do ip link del $link; done
done_testing
