#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The firewall's programs while they and the rest of the ruleset change: only what differs is touched, what somebody else broke is
# found and repaired, and what is somebody else's stays as it is.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
mount -t tmpfs work /mnt || skip_all "no namespaces of our own"
cases=$root/tests/data/firewall
rounds=50

# tool VERB [OPTION]... CASE: without connection tracking, which this machine's kernel may lack
tool() { "$root/build/tests/firewall-tool" "${@:1:$#-1}" --stateless "$cases/${!#}/policy.xml" 2>&1; }
# same [OPTION]... CASE: the kernel holds that, and nothing else of the guest
same() { prints "as wanted: $*" "" tool compare "$@"; }
# differs CASE REGEX NAME: and then it is put right
differs()
{
	like "$(tool compare "$1")" "$2" "$3: found"
	isnt_zero "$(tool put "$1")" "$3: changed"
	prints "$3: repaired" "" tool compare "$1"
}
isnt_zero() { like "$1" '^[1-9][0-9]*$' "$2"; }
# foreign: the ruleset without our table
foreign() { nft list ruleset | awk '/^table bridge berth /{ ours = 1 } !ours; /^}/ { ours = 0 }'; }
# counter CHAIN COMMENT: what the rule has counted
counter() { nft list chain bridge berth "$1" | sed -n "s/.*packets \([0-9]*\) .*comment \"$2\"/\1/p"; }
# add_port NAME: as a guest's tap, whose other end is NAME.g
add_port() { ip link add "$1" type veth peer name "$1.g" && ip link set "$1" master br0 up && ip link set "$1.g" up; }
# send PORT COUNT: frames of somebody else's MAC address
send()
{
	perl -e '
		use Socket;
		my ($index, $count) = @ARGV;
		socket(my $raw, 17, SOCK_RAW, 0) or die "socket: $!";
		my $frame = pack("H*", "ffffffffffff" . "0200000000aa" . "0800") . "\0" x 46;
		send($raw, $frame, 0, pack("SnlSCCa8", 17, 0x0800, $index, 0, 0, 6, "\xff" x 6)) or die "send: $!" for 1 .. $count;
	' "$(cat "/sys/class/net/$1.g/ifindex")" "$2"
}

mount -t sysfs sys /sys
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
# A bridge that snoops joins groups itself, and sends IGMP reports seconds later: frames that our counters would see.
ip link add br0 type bridge mcast_snooping 0 && ip link set br0 up
for port in vnet0 vnet1 vnet2 vnet10; do add_port $port; done

# --- somebody else's tables ---
nft -f - <<-'NFT'
table bridge other {
	map ports {
		type ifname : verdict
		elements = { "vnet7" : accept }
	}
	chain vnet0-egress {
		counter packets 5 bytes 500 drop
	}
	chain from_port {
		type filter hook prerouting priority 0
		iifname vmap @ports
	}
}
table inet filter {
	chain input {
		type filter hook input priority 0
		ct state established accept
	}
}
table ip nat {
	chain post {
		type nat hook postrouting priority 100
		masquerade comment "berth"
	}
}
table inet berth {
	set from_guest {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}
}
NFT
before=$(foreign)
isnt_zero "$(tool put groups-two)" "put beside other tables"
like "$before" 'table inet berth.*vnet7|vnet7.*table inet berth' "four of them"
is "$(foreign)" "$before" "they are as they were"
tool put rule-icmp > /mnt/changes
is "$(foreign)" "$before" "and after an update"
tool remove port-bare > /mnt/changes
is "$(foreign)" "$before" "and after removing"
prints "our table is gone" "" matching "bridge berth" nft list tables

# --- what somebody broke ---
tool put groups-two > /mnt/changes
prints "nothing to change" 0 tool put groups-two
nft insert rule bridge berth vnet0-egress4 accept comment '"mine"'
differs groups-two "unwanted rule in chain 'vnet0-egress4'" "a rule in our chain"
nft add rule bridge berth vnet0-ingress counter
differs groups-two "unwanted rule in chain 'vnet0-ingress'" "a rule at its end"
nft delete element bridge berth vnet0-in4-ports '{ 80 . tcp }'
differs groups-two "missing element in set 'vnet0-in4-ports'" "an element removed"
nft add element bridge berth vnet0-senders4 '{ 52:54:00:00:00:01 . 10.99.0.77 }'
differs groups-two "unwanted element in set 'vnet0-senders4'" "an element added"
nft delete element bridge berth from_guest '{ "vnet0" }'
differs groups-two "missing element in map 'from_guest'" "out of the map"
nft flush chain bridge berth vnet0-ingress4
differs groups-two "missing rule in chain 'vnet0-ingress4'" "a chain flushed"
nft flush map bridge berth to_guest
differs groups-two "missing element in map 'to_guest'" "a map flushed"
nft add chain bridge berth from_port '{ policy drop; }'
differs groups-two "missing chain 'from_port'" "another policy at a hook"
nft flush chain bridge berth to_port
nft delete chain bridge berth to_port
nft add chain bridge berth to_port
differs groups-two "missing chain 'to_port'" "a chain that is at no hook any more"
nft add table bridge berth '{ flags dormant; }'
differs groups-two "dormant table 'berth'" "the table switched off"
nft delete element bridge berth from_guest '{ "vnet0" }'
nft add element bridge berth from_guest '{ "vnet0" : accept }'
differs groups-two "unwanted element in map 'from_guest'" "another verdict"
nft flush ruleset
differs groups-two "missing chain 'vnet0-egress'" "everything flushed"
nft add chain bridge berth vnet0-extra
nft add rule bridge berth vnet0-extra accept
differs groups-two "unwanted chain 'vnet0-extra'" "a chain of our name"
nft add chain bridge berth mine
isnt_zero "$(tool put rule-icmp)" "somebody else's chain in our table is no hindrance"
like "$(nft list chains bridge)" 'chain mine' "and stays"

# --- a change that the kernel refuses ---
tool put groups-two > /mnt/changes
nft add rule bridge berth mine goto vnet0-ingress4
nft list table bridge berth > /mnt/before
like "$(tool put port-bare)" "nf_tables: chain 'vnet0-ingress4': Device or resource busy" "a chain that somebody uses: refused, named"
prints "and everything is as it was" "$(< /mnt/before)" nft list table bridge berth
like "$(tool remove port-bare)" "^[0-9]+$" "the last program takes the table with it"
prints "whoever used it" "" nft list tables
tool put rule-ports-prefix-overlap > /mnt/changes
nft add chain bridge berth mine
nft add rule bridge berth mine ether saddr . ip saddr @vnet0-senders4 accept
nft list table bridge berth > /mnt/before
like "$(tool put pair-prefix)" "nf_tables: set 'vnet0-senders4': Device or resource busy" "a set that somebody uses, after new ones were made: refused"
prints "and the new ones are gone too" "$(< /mnt/before)" nft list table bridge berth
nft delete table bridge berth

# --- counters ---
tool put groups-two > /mnt/changes
send vnet0 7
is "$(counter vnet0-egress "not the guest's MAC address")" 7 "forged frames are counted"
like "$(tool list port-bare)" "^vnet0 vm1 .* 52:54:00:00:00:01 in .* out 7/7$" "and listed"
tool put rule-ports-nest > /mnt/changes
is "$(counter vnet0-egress "not the guest's MAC address")" 7 "counters survive an update"
tool put rules-1000 > /mnt/changes
is "$(counter vnet0-egress "not the guest's MAC address")" 7 "a large one too"
mkdir "/mnt/rules-1001" && sed "0,/direction='ingress' protocol='tcp' ports='[0-9]*'\//s//direction='ingress' protocol='tcp' ports='64999'\//" \
	"$cases/rules-1000/policy.xml" > /mnt/rules-1001/policy.xml
changed=$("$root/build/tests/firewall-tool" put --stateless /mnt/rules-1001/policy.xml)
ok "one rule of 1000 changes: $changed objects" test "$changed" -ge 1 -a "$changed" -le 4

# --- other guests ---
tool put --guest vm2 --first 1 groups-two > /mnt/changes
tool put --guest vm3 --first 10 groups-two > /mnt/changes
nft list table bridge berth > /mnt/before
tool put groups-two > /mnt/changes
same --guest vm2 --first 1 groups-two
same --guest vm3 --first 10 groups-two
tool put --guest vm2 --first 1 rule-icmp > /mnt/changes
same --guest vm3 --first 10 groups-two
is "$(tool list port-bare | cut -d' ' -f1,2 | xargs)" "vnet0 vm1 vnet1 vm2 vnet10 vm3" "three programs"
ip link del vnet1
tool put rule-icmp > /mnt/changes
is "$(tool list port-bare | cut -d' ' -f1,2 | xargs)" "vnet0 vm1 vnet10 vm3" "an interface has gone: its program goes with the next change"
prints "all of it" "" matching vnet1- nft list table bridge berth
tool remove --guest vm3 port-bare > /mnt/changes
prints "a guest's program removed" "" matching vnet10- nft list table bridge berth
same rule-icmp
tool put ports-two > /mnt/changes
add_port vnet1
tool put ports-two > /mnt/changes
tool put port-bare > /mnt/changes
is "$(tool list port-bare | cut -d' ' -f1 | xargs)" "vnet0" "a port that the policy has no more: its program goes"

# --- closed names ---
tool put --closed 'vnet*' port-bare > /mnt/changes
same --closed 'vnet*' port-bare
send vnet2 3
is "$(counter from_port "closed until it has a program")" 3 "a port of a closed name without a program sends nothing"
tool remove --closed 'vnet*' port-bare > /mnt/changes
like "$(nft list chain bridge berth from_port)" 'iifname "vnet\*" counter packets 3' "the table stays while names are closed, and what it has counted"
tool remove port-bare > /mnt/changes
prints "and goes with them" "" nft list tables

# --- at the same time ---
# keep_changing GUEST FIRST: puts two policies in turn; a line for each that failed
keep_changing()
{
	local round

	for ((round = 0; round < rounds; round++)); do
		tool put --guest "$1" --first "$2" groups-two > "/mnt/$1" || cat "/mnt/$1"
		tool put --guest "$1" --first "$2" rule-ports-prefix-overlap > "/mnt/$1" || cat "/mnt/$1"
	done
}
# keep_disturbing: somebody else's table, until there is /mnt/end
keep_disturbing()
{
	while [ ! -e /mnt/end ]; do
		printf '%s\n' 'add table inet x' 'add chain inet x y' 'delete table inet x'
	done | nft -i
}
tool put --closed vnet7 port-bare > /mnt/changes
keep_disturbing > /mnt/disturbing 2>&1 &
disturbing=$!
keep_changing vm1 0 > /mnt/failed1 &
first=$!
keep_changing vm2 1 > /mnt/failed2
wait $first
touch /mnt/end
wait $disturbing
prints "$rounds rounds of two guests while somebody changes another table" "" cat /mnt/failed1 /mnt/failed2
same rule-ports-prefix-overlap
same --guest vm2 --first 1 rule-ports-prefix-overlap

# --- killed ---
for ((i = 0; i < 20; i++)); do
	"$root/build/tests/firewall-tool" put --stateless "$cases/rules-1000/policy.xml" > /mnt/killed 2>&1 &
	sleep "0.0$i"
	{ kill -KILL $! && wait $!; } 2> /mnt/wait
	tool put groups-two > /mnt/killed || break
	[ -z "$(tool compare groups-two)" ] || break
done
is $i 20 "killed at any moment: the next change puts all right"
done_testing
