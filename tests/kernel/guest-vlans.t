#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests' VLANs at libvirt's events, on two hosts with a trunk between them: who hears whom, before and after a move, in
# both modes; and what stays when all have gone.
# Long: it starts some 200 programs in the emulated kernel.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
event=$root/build/berth-event
[ -x "$event" ] || skip_all "no $event; make"
work=$(mktemp -d)

# A program costs some 50 ms here, so each namespace has one shell, which is told what to do.
declare -A to from

# open_shell NAME: in the network namespace of that name, with berth's folders of its own
open_shell()
{
	mkfifo "$work/to-$1" "$work/from-$1"
	ip netns exec "$1" bash < "$work/to-$1" > "$work/from-$1" 2>&1 &
	exec {to_fd}> "$work/to-$1" {from_fd}< "$work/from-$1"
	to[$1]=$to_fd from[$1]=$from_fd
	rm "$work/to-$1" "$work/from-$1"
}

close_shell()
{
	local to_fd=${to[$1]} from_fd=${from[$1]}

	exec {to_fd}>&- {from_fd}<&-
}

# in_ns NAME COMMANDS: has its shell run them; their output and status are ours
in_ns()
{
	local line fd=${from[$1]}

	printf '%s\nprintf "\\n<end %%s>\\n" $?\n' "$2" >&"${to[$1]}"
	while IFS= read -r line <&"$fd"; do
		case $line in "<end "*) return "$(tr -dc 0-9 <<< "$line")" ;; esac
		[ -z "$line" ] || echo "$line"
	done
	return 125
}

# make_hosts MODE-OF-A MODE-OF-B
make_hosts()
{
	local name mode

	mkdir -p /etc/berth /var/lib/berth
	ip netns add a
	ip netns add b
	ip -n a link add eth1 mtu 1400 type veth peer name eth1 mtu 1400 netns b
	for name in a b; do
		[ $name = a ] && mode=$1 || mode=$2
		mkdir -p "$work/$name/etc" "$work/$name/lib"
		printf '%s\n' "[network]" "uplink = eth1" "vlans = 100-199" "mode = $mode" > "$work/$name/etc/berth.conf"
		open_shell $name
		in_ns $name "mount --bind $work/$name/etc /etc/berth; mount --bind $work/$name/lib /var/lib/berth"
		{
			printf '%s\n' "link set lo up" "link set eth1 up"
			[ "$mode" = per-vlan ] || printf '%s\n' "link add br-lan type bridge vlan_filtering 1" \
				"link set br-lan up" "link set eth1 master br-lan"
		} | ip -n $name -batch -
		mode_of[$name]=$mode
	done
	for name in vm1 vm2 vm3; do
		ip netns add $name
		open_shell $name
	done
}

gone()
{
	for name in a b vm1 vm2 vm3; do
		close_shell $name
		ip netns del $name
	done
	rm -rf "$work/a" "$work/b"
}

# number GUEST: the last digit of its name, MAC and address
number() { echo "${1#vm}"; }
declare -A mode_of
# bridge_of HOST VLAN
bridge_of() { if [ "${mode_of[$1]}" = aware ]; then echo br-lan; else echo "br$2"; fi; }

# xml GUEST VLAN BRIDGE [TAP]
xml()
{
	local n

	n=$(number "$1")
	cat <<-XML
	<domain type='kvm' id='1'><name>$1</name><uuid>0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f$n</uuid>
	 <metadata><berth:policy xmlns:berth='urn:berth:policy:1'>
	  <berth:port mac='52:54:00:00:00:0$n' vlan='$2'><berth:address>10.0.0.$n</berth:address><berth:group>g</berth:group></berth:port>
	  <berth:group name='g'><berth:rule direction='ingress' protocol='icmp' type='8'/><berth:rule direction='egress'/></berth:group>
	 </berth:policy></metadata>
	 <devices><interface type='bridge'><mac address='52:54:00:00:00:0$n'/><source bridge='$3'/>
	  <target dev='${4:-}'/></interface></devices>
	</domain>
	XML
}

# hook HOST GUEST VLAN EVENT SUBEVENT [TAP]
hook()
{
	xml "$2" "$3" "$(bridge_of "$1" "$3")" "${6:-}" > "$work/xml"
	in_ns "$1" "$event $2 $4 $5 - < $work/xml"
}

# plug HOST GUEST TAP BRIDGE: as libvirt makes a tap
plug()
{
	local n

	n=$(number "$2")
	printf '%s\n' "link add $3 type veth peer name eth0 address 52:54:00:00:00:0$n netns $2" \
		"link set $3 master $4 up" | ip -n "$1" -batch -
	printf '%s\n' "addr add 10.0.0.$n/24 dev eth0" "link set eth0 up" | ip -n "$2" -batch -
}

# start HOST GUEST VLAN TAP: all that libvirt's start of a guest means to berth
start()
{
	hook "$1" "$2" "$3" prepare begin && plug "$1" "$2" "$4" "$(bridge_of "$1" "$3")" && hook "$1" "$2" "$3" start begin "$4"
}

# stop HOST GUEST VLAN TAP
stop()
{
	hook "$1" "$2" "$3" stopped end "$4"
	ip -n "$1" link del "$4" 2> /dev/null
	hook "$1" "$2" "$3" release end
}

# hears FROM TO: FROM's echo request is answered
hears() { in_ns "$1" "busybox ping -c 1 -W ${3:-5} 10.0.0.$(number "$2")" > /dev/null 2>&1; }
deaf() { ! hears "$1" "$2" 1; }
# carries HOST PORT: "VLAN FLAGS" of the port
carries() { bridge -n "$1" vlan show dev "$2" 2> /dev/null | sed 1d | awk '{ for (i = $1 == "'"$2"'" ? 2 : 1; i <= NF; i++) printf "%s ", $i } END { print "" }' | sed 's/ $//'; }
# state HOST: all that berth may have changed
state() { in_ns "$1" "ls -d /sys/class/net/*/; bridge vlan show; nft list ruleset; ls /var/lib/berth"; }

# everybody MODE...: three guests in two VLANs; vm1 moves from a to b and back
everybody()
{
	ok "$*: vm1 starts on a in VLAN 100" start a vm1 100 vnet0
	ok "$*: vm2 starts on a in VLAN 150" start a vm2 150 vnet1
	ok "$*: vm3 starts on b in VLAN 100" start b vm3 100 vnet0
	ok "$*: one VLAN, two hosts: vm1 hears vm3" hears vm1 vm3
	ok "$*: and vm3 vm1" hears vm3 vm1
	ok "$*: two VLANs, one host: vm2 doesn't hear vm1" deaf vm2 vm1
	ok "$*: nor vm1 vm2" deaf vm1 vm2
	ok "$*: vm1 comes to b" hook b vm1 100 prepare begin
	ip -n vm1 link del eth0
	stop a vm1 100 vnet0
	plug b vm1 vnet1 "$(bridge_of b 100)"
	ok "$*: its rules and its VLAN are there" hook b vm1 100 start begin vnet1
	ok "$*: one VLAN, one host: vm1 hears vm3" hears vm1 vm3
	ok "$*: vm2 still doesn't hear vm1" deaf vm2 vm1
}

# --- VLAN-aware ---

make_hosts aware aware
before_a=$(state a) before_b=$(state b)
everybody aware aware
is "$(carries a vnet1)" "150 PVID Egress Untagged" "aware: a guest's port carries its VLAN alone"
is "$(carries a eth1)" "1 PVID Egress Untagged 150" "the uplink of a: VLAN 100 has gone with vm1"
is "$(carries b eth1)" "1 PVID Egress Untagged 100" "the uplink of b: VLAN 100 for two guests"
stop b vm1 100 vnet1
is "$(carries b eth1)" "1 PVID Egress Untagged 100" "one of them stops: the other still needs it"
stop b vm3 100 vnet0
stop a vm2 150 vnet1
rm -f "$work"/?/lib/*lock "$work"/?/lib/tracking
is "$(state a)" "$before_a" "all have gone: a is as it was"
is "$(state b)" "$before_b" "and b"
bridge -n a vlan add dev eth1 vid 100
start a vm1 100 vnet0
stop a vm1 100 vnet0
is "$(carries a eth1)" "1 PVID Egress Untagged 100" "a VLAN that the administrator put on the uplink stays"
like "$(hook a vm1 300 prepare begin 2>&1)" "vm1: interface '52:54:00:00:00:01': VLAN 300 is not allowed on this host; add it to 'vlans'" "a VLAN that is not allowed: refused"
plug a vm1 vnet0 br-lan
ip -n a link set vnet0 nomaster
like "$(hook a vm1 100 start begin vnet0 2>&1)" "'vnet0' is no bridge's port; connect the interface to a bridge" "a tap without a bridge: refused"
prints "and no rules stay" "" in_ns a "nft list ruleset"
ip -n a link del vnet0
start a vm2 150 vnet1
ip -n a link del vnet1
ok "a guest ends without any event: reap is all it takes" test "$(carries a eth1)" = "1 PVID Egress Untagged 100 150"
start a vm1 100 vnet0
stop a vm1 100 vnet0
is "$(carries a eth1)" "1 PVID Egress Untagged 100" "the next guest's end sweeps its VLAN away"
prints "and its rules" "" in_ns a "nft list ruleset"
gone

# --- a bridge for each VLAN ---

make_hosts per-vlan per-vlan
before_a=$(state a) before_b=$(state b)
everybody per-vlan per-vlan
is "$(ip -n b -br link show master br100 | awk '{ print $1 }' | cut -d@ -f1 | sort | paste -sd' ')" "eth1.100 vnet0 vnet1" "br100 has the VLAN device and two guests"
is "$(ip -n b link show eth1.100 | grep -o 'mtu [0-9]*')" "mtu 1400" "with the uplink's MTU"
is "$(in_ns a "ls -d /sys/class/net/br*")" "/sys/class/net/br150" "br100 of a has gone with vm1"
stop b vm1 100 vnet1
ok "one of two guests stops: br100 stays" ip -n b link show br100
stop b vm3 100 vnet0
stop a vm2 150 vnet1
rm -f "$work"/?/lib/*lock "$work"/?/lib/tracking
is "$(state a)" "$before_a" "all have gone: a is as it was"
is "$(state b)" "$before_b" "and b"
hook a vm1 100 prepare begin
hook a vm2 100 prepare begin
hook a vm1 100 release end
ok "vm1 gave up, vm2 is still starting: br100 stays for it" ip -n a link show br100
hook a vm2 100 release end
prints "neither: br100 goes" "" matching br in_ns a "ls /sys/class/net"
ip -n a link add br100 type bridge
start a vm1 100 vnet0
stop a vm1 100 vnet0
ok "a bridge that was there before stays" ip -n a link show br100
gone

# --- one host each ---

make_hosts aware per-vlan
everybody aware per-vlan
gone
rm -rf "$work"
done_testing
