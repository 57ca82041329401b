# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The firewall's part of the benchmark (sourced by run).
#
# All of it in hostb, in network namespaces of its own ("spaces"), each with a bridge, and on it the ports "uplink", whose
# other end is "sender", and "vnet0", whose other end is "receiver". Whose rules are in which:
#
#     none      nobody's                  one        those of vnet0
#     hundred   and 99 more guests'       thousand   and 999 more
#     linear    as thousand, but its chains ask for one interface after another
#     scratch   what a measurement puts there
#
# Settings: BENCH_RULES (rounds of processes), BENCH_CALLS (calls in one process), BENCH_PACKETS (runs of 20 ms),
# BENCH_FILTERS (starts with libvirt's filters).
# shellcheck disable=SC2154 # run has set what is not set here

# shellcheck source=bench/policies.sh
. "$BENCH_SRC/policies.sh"
# shellcheck source=bench/packets.sh
. "$BENCH_SRC/packets.sh"
# shellcheck source=bench/nwfilter.sh
. "$BENCH_SRC/nwfilter.sh"

rule_rounds=${BENCH_RULES:-25}
call_rounds=${BENCH_CALLS:-40}
event=/usr/libexec/berth/berth-event
waits=$tools/berth-event-waits
sizes="10 100 1000"
guest_rules=10
declare -A part event_took

in_space() { on hostb ip netns exec "$@"; }
space_file() { echo "/run/netns/$1"; }

# space_make NAME OTHER-GUESTS: their interfaces are there: berth removes the rules of those that are not
space_make()
{
	local i

	on hostb ip netns add "$1" && in_space "$1" sh -ec "
		echo 1 | tee /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/ipv6/conf/default/disable_ipv6 > /dev/null
		! test -e /proc/sys/net/bridge || echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables" && {
		cat <<-LINKS
		link add br-lan type bridge
		link add uplink master br-lan type veth peer name sender
		link add vnet0 master br-lan type veth peer name receiver
		LINKS
		for i in br-lan uplink sender vnet0 receiver; do echo "link set $i up"; done
		for ((i = 1; i <= $2; i += 2)); do echo "link add vnet$i type veth peer name vnet$((i + 1))"; done
	} | in_space "$1" ip -batch - && in_space "$1" bridge fdb add $guest_mac dev vnet0 master static
}

# event_xml RULES: what the hook gets of a guest with such a policy, whose interface is vnet0; firewall-tool's guest
event_xml()
{
	guest_xml hostb vm1 uuid="$tool_uuid" metadata="$(policy_xml "$@")" | as_sent_by hostb vm1 |
		sed "s,<source bridge='br-lan'/>,&<target dev='vnet0'/>,"
}

firewall_files()
{
	local n

	for n in $sizes; do
		policy_xml "$n" > "$LAB_DIR/policy-$n.xml"
		# shellcheck disable=SC2086 # words
		on hostb $tools/firewall-tool print $tracking "$LAB_DIR/policy-$n.xml" > "$LAB_DIR/rules-$n.nft" || return
		tool_uuid=$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$LAB_DIR/rules-$n.nft" | head -n 1)
		event_xml "$n" > "$LAB_DIR/event-$n.xml"
		grep -q "dev='vnet0'" "$LAB_DIR/event-$n.xml" || return
	done
	policy_xml 1000 changed > "$LAB_DIR/policy-1000-changed.xml"
}

# The others first, as they are where one more guest starts.
firewall_spaces()
{
	local name others policy=$LAB_DIR/policy-$guest_rules.xml

	for name in none:0 one:0 hundred:99 thousand:999 linear:0 scratch:0; do
		others=${name#*:} name=${name%:*}
		space_make "$name" "$others" || return
		if [ "$others" != 0 ]; then in_space "$name" $tools/firewall-time fill 1 "$others" "$policy" || return; fi
	done
	for name in one hundred thousand; do
		in_space "$name" $event vm1 start begin - < "$LAB_DIR/event-$guest_rules.xml" || return
	done
	linear_table < "$LAB_DIR/rules-$guest_rules.nft" > "$LAB_DIR/linear.nft" && in_space linear nft -f "$LAB_DIR/linear.nft"
}

firewall_ready()
{
	local name

	for name in tests/firewall-tool bench/firewall-time bench/berth-event-waits; do
		on hostb cp "$BENCH_SRC/../build/$name" $tools/ || return
	done
	cc -O2 -D_GNU_SOURCE -Wall -Wextra -o "$LAB_DIR/bench/blast" "$BENCH_SRC/blast.c" && on hostb cp "$LAB_DIR/bench/blast" $tools/
	berth_conf hostb $'[firewall]\nstateless = approximate'
	tracking=
	if ! on hostb $tools/firewall-tool track > "$LAB_DIR/track"; then
		tracking=--stateless
		table_note "without connection tracking: $(< "$LAB_DIR/track")"
	fi
	firewall_files && firewall_spaces
}

# beside_nft NAME XML CLEAN COMMAND... --- NFT-COMMAND...: a row
beside_nft()
{
	spawn_in_hostb "$rule_rounds" "$2" "$3" "${@:4}" && row_at_least "$1" "$rule_rounds" "${times[0]}" "${times[1]}" 2
}

# measure_rules: one guest's, put and removed by a process
measure_rules()
{
	local n at xml put tool=$tools/firewall-tool wipe="/usr/sbin/nft delete table bridge berth"

	at=@$(space_file scratch)
	for n in $sizes; do
		xml=$LAB_DIR/event-$n.xml put="$event vm1 start begin - < '$LAB_DIR/event-$n.xml'"
		# shellcheck disable=SC2086 # words
		beside_nft "put $n rules, tool : nft -f" "$xml" "$wipe" \
			"$at" $tool put $tracking "$LAB_DIR/policy-$n.xml" --- "$at" /usr/sbin/nft -f "$LAB_DIR/rules-$n.nft" &&
			beside_nft "start event, $n rules : nft -f" "$xml" "$wipe" \
				"$at" $hook vm1 start begin - --- "$at" /usr/sbin/nft -f "$LAB_DIR/rules-$n.nft" || return
		event_took[$n]=${times[0]}
		# shellcheck disable=SC2086 # words
		in_space scratch $tool put $tracking "$LAB_DIR/policy-$n.xml" > /dev/null &&
			beside_nft "remove $n rules, tool : nft" "$xml" "$tool put $tracking '$LAB_DIR/policy-$n.xml' > /dev/null" \
				"$at" $tool remove $tracking --- "$at" $wipe && in_space scratch $wipe &&
			in_space scratch sh -c "$put" && beside_nft "stop event, $n rules : nft" "$xml" "$put" \
				"$at" $hook vm1 stopped end - --- "$at" $wipe && in_space scratch $wipe || return
	done
}

# time_calls WHAT...: firewall-time's lines go into the array "part"
time_calls()
{
	local name measured

	in_space scratch $tools/firewall-time "$@" > "$LAB_DIR/parts" || return
	while read -r name measured; do part[$name]=$measured; done < "$LAB_DIR/parts"
}

# measure_calls: what berth computes, beside what the kernel does
measure_calls()
{
	local n

	for n in $sizes; do
		time_calls install "$call_rounds" "$LAB_DIR/policy-$n.xml" || return
		row_at_most "build $n rules : kernel installs" "$call_rounds" "${part[put-own]}" "${part[put-transaction]}" .25
	done
	time_calls change "$call_rounds" "$LAB_DIR/policy-1000.xml" "$LAB_DIR/policy-1000-changed.xml" || return
	row_below "change 1 of 1000, kernel : all of it" $((2 * call_rounds)) "${part[change-transaction]}" "${part[change-whole]}" 1
	table_note "in that change ${part[change-read]%% *} us read what is there, ${part[change-own]%% *} us compile and compare"
	in_space scratch nft delete table bridge berth
}

# measure_crowd: one more guest among 1000, beside a guest alone
measure_crowd()
{
	local xml=$LAB_DIR/event-$guest_rules.xml one thousand put remove policy=$LAB_DIR/policy-$guest_rules.xml

	one=@$(space_file one) thousand=@$(space_file thousand)
	put="$event vm1 start begin - < '$xml'" remove="$waits vm1 stopped end - < '$xml'"
	for space in one thousand; do in_space $space sh -c "$remove" || return; done
	spawn_in_hostb "$rule_rounds" "$xml" "$remove" "$thousand" $hook vm1 start begin - --- "$one" $hook vm1 start begin - || return
	row_plain "start event, 999 more guests : alone" "$rule_rounds" "${times[0]}" "${times[1]}"
	for space in one thousand; do in_space $space sh -c "$put" || return; done
	spawn_in_hostb "$rule_rounds" "$xml" "$put" "$thousand" $hook vm1 stopped end - --- "$one" $hook vm1 stopped end - || return
	row_plain "stop event, 999 more guests : alone" "$rule_rounds" "${times[0]}" "${times[1]}"
	for space in one thousand; do in_space $space sh -c "$put" || return; done
	# shellcheck disable=SC2086 # words
	spawn_in_hostb "$rule_rounds" "$xml" '' "$thousand" $tools/firewall-tool compare $tracking "$policy" --- \
		"$one" $tools/firewall-tool compare $tracking "$policy" || return
	row_plain "compare, 999 more guests : alone" "$rule_rounds" "${times[0]}" "${times[1]}"
}

# measure_closing: the same program, but it waits until the kernel has freed what was deleted
measure_closing()
{
	local xml=$LAB_DIR/event-100.xml at put

	at=@$(space_file scratch) put="$event vm1 start begin - < '$xml'"
	in_space scratch sh -c "$put" && spawn_in_hostb "$rule_rounds" "$xml" "$put" \
		"$at" $event vm1 stopped end - --- "$at" $waits vm1 stopped end - || return
	row_plain "stop event : and waits for the kernel" "$rule_rounds" "${times[0]}" "${times[1]}"
	in_space scratch nft delete table bridge berth
}

measure_firewall()
{
	firewall_ready && measure_rules && measure_nwfilter && measure_calls && measure_closing && measure_packets && measure_crowd
}
