# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The same rules by libvirt's nwfilter (sourced by firewall.sh): what they add to a guest's start, beside berth's.
#
# nwfilter runs iptables for each rule, three times; so with 1000 rules one start takes 10 s, and there are few of them.
# shellcheck disable=SC2154 # firewall.sh has set what is not set here

filter_rounds=${BENCH_FILTERS:-5}
end_guests="virsh -q list --name | sed /./!d | xargs -r -n 1 virsh -q destroy > /dev/null"

# define_guest NAME [GUEST-XML-OPTION]...
define_guest() { guest_define hostb "$1" image="$(images_of hostb)/filtered.qcow2" "${@:2}"; }

filter_guests()
{
	local n nic

	nic=$(nic_xml br-lan $guest_mac)
	define_guest unfiltered || return
	for n in $sizes; do
		filter_xml "bench-$n" "$n" > "$LAB_DIR/filter.xml"
		virsh_on hostb nwfilter-define "$LAB_DIR/filter.xml" > /dev/null || return
		define_guest "filter-$n" nic="${nic/<model/<filterref filter=\'bench-$n\'/><model}" || return
		define_guest "policy-$n" metadata="$(policy_xml "$n")" || return
	done
}

count_filter_rules() { on hostb iptables -S 2> /dev/null | grep -c -- '--dport'; }

# filters_work: the rules of a guest that has started with 100 are really there
filters_work()
{
	local count

	virsh_on hostb start --paused filter-100 > /dev/null || return
	count=$(count_filter_rules)
	on hostb sh -c "$end_guests"
	[ "$count" -ge 100 ] || { echo "only $count of 100 rules are in iptables" >&2; return 1; }
}

# start_commands GUEST...: for spawn; sets "commands"
start_commands()
{
	local guest

	commands=()
	for guest; do
		commands+=(/usr/bin/virsh -q -c "$(uri_of hostb)" start --paused "$guest" ---)
	done
	unset 'commands[-1]'
}

# filter_row RULES WITH-FILTER WITH-POLICY WITHOUT RUNS
filter_row()
{
	local filter=$((${2%% *} - ${4%% *})) policy=$((${3%% *} - ${4%% *}))

	add_row "start's extra, $1 rules : nwfilter" "$5" "$(ms $policy)" "$(ms $filter)" - - -
	if [ "$1" = 1000 ]; then
		row_at_least "start event, $1 rules : nwfilter" "$5" "${event_took[$1]}" "$filter" 500
	fi
}

# measure_starts: see the head
measure_starts()
{
	local commands

	start_commands unfiltered filter-10 policy-10 filter-100 policy-100 policy-1000
	spawn_in_hostb "$filter_rounds" /dev/null "$end_guests" "${commands[@]}" || return
	local without=${times[0]} policy_1000=${times[5]}
	filter_row 10 "${times[1]}" "${times[2]}" "$without" "$filter_rounds"
	filter_row 100 "${times[3]}" "${times[4]}" "$without" "$filter_rounds"
	start_commands filter-1000
	spawn_in_hostb 1 /dev/null "$end_guests" "${commands[@]}" || return
	filter_row 1000 "${times[0]}" "$policy_1000" "$without" 1
	table_note "a guest's start without rules: $(ms "$without"), from $(ms "${without#* }"); an extra is the difference to it"
}

measure_nwfilter()
{
	if ! { filter_guests && filters_work; } 2> "$LAB_DIR/filters"; then
		table_note "libvirt's nwfilter is not measured: $(tail -n 1 "$LAB_DIR/filters" | tr -d '\n')"
		on hostb sh -c "$end_guests"
		return 0
	fi
	measure_starts
}
