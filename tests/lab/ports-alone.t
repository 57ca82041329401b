#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Other programs' rules, other guests' rules, and guests without a policy are left alone, on both hosts.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset

# As libvirt, firewalld, Docker and an administrator make them; names that only look like ours too.
foreign_rules()
{
	on "$1" nft -f - <<-'NFT'
	table ip libvirt_network {
		chain guest_output { counter reject; }
		chain forward { type filter hook forward priority 0; policy accept; jump guest_output; }
	}
	table inet firewalld {
		set berth { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; }
		chain filter_INPUT { type filter hook input priority 10; policy accept; ip saddr @berth accept; }
	}
	table ip filter {
		chain DOCKER-USER { counter return; }
		chain FORWARD { type filter hook forward priority 0; policy accept; iifname "docker0" counter jump DOCKER-USER; }
	}
	table inet berth {
		map from_guest { type ifname : verdict; }
		chain vnet0-egress { counter drop; }
	}
	table bridge other {
		map from_guest { type ifname : verdict; elements = { "vnet0" : accept }; }
		chain from_port { type filter hook prerouting priority 10; policy accept; iifname vmap @from_guest; }
	}
	NFT
}

# others HOST: all rules but ours, with their handles
others() { on "$1" nft -s -a list ruleset | awk '/^table /{ ours = /^table bridge berth / } !ours'; }
# untouched WHAT
untouched()
{
	is "$(others hosta)" "$on_hosta" "$1: others' rules on hosta are untouched"
	is "$(others hostb)" "$on_hostb" "$1: others' rules on hostb are untouched"
}
no_table() { ! on "$1" nft list table bridge berth > /dev/null 2>&1; }
policy2() { policy "$(port "mac='$MAC2'" $IP2)"; }
# all_of_port PORT: its chains, sets and elements, with handles
all_of_port()
{
	rules hosta | awk -v port="$1" '/^}/{ exit } /^\t(chain|set|map) /{ mine = index($2, port "-") == 1 } mine || index($0, "\"" port "\"")' |
		sed -E 's/^.*("vnet[0-9]+" comment.*(e|in)gress).*/\1/'
}

foreign_rules hosta
foreign_rules hostb
on_hosta=$(others hosta)
on_hostb=$(others hostb)
like "$on_hosta" "table inet berth .*table bridge other " "there are others' rules"

ok "vm3, without a policy, starts" tiny_boot hosta vm3 "" mac=52:54:00:00:00:03
ok "vm3: no table of ours" no_table hosta
ok "vm3 goes to hostb" moved hosta vm3 hostb
is "$(no_table hosta && no_table hostb && echo none)" none "vm3: no table of ours there either"
untouched "vm3"
guest_destroy hostb vm3
ok "vm3 has stopped: no table of ours" no_table hostb

ok "vm2 boots" tiny_boot hosta vm2 ip=$IP2/24 mac=$MAC2 metadata="$(policy2)"
ok "vm1 boots" tiny_boot hosta vm1 ip=$IP1/24 metadata="$(usual_policy)"
untouched "start"
rules_of_vm2=$(all_of_port "$(tap_of hosta vm2)")
like "$rules_of_vm2" "from guest vm2" "vm2 has rules"
set_policy hosta vm1 "$(usual_policy "ingress protocol='tcp' ports='80'")"
like "$(on hosta berth sync vm1)" "ports changed" "vm1's policy changes"
untouched "sync"
is "$(all_of_port "$(tap_of hosta vm2)")" "$rules_of_vm2" "sync: vm2's rules are untouched"

ok "vm1 goes to hostb" moved hosta vm1 hostb
untouched "move"
is "$(all_of_port "$(tap_of hosta vm2)")" "$rules_of_vm2" "move: vm2's rules are untouched"
prints "move: vm1's are gone from hosta" "" matching vm1 on hosta nft list ruleset
ok "vm1's rules hold on hostb" rules_hold hostb vm1
ok "vm2's hold on hosta" rules_hold hosta vm2
on hosta berth verify --repair > /dev/null
on hosta berth reap > /dev/null
untouched "repair and reap"

guest_destroy hosta vm2
ok "the last guest stops: no table of ours on hosta" no_table hosta
guest_destroy hostb vm1
ok "the last guest stops: no table of ours on hostb" no_table hostb
untouched "stop"
for host in hosta hostb; do on "$host" nft flush ruleset; done
done_testing
