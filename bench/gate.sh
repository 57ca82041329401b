# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The gate's part of the benchmark (sourced by run): what berth-gate costs, and what it adds to a guest's downtime.
#
# A host's libvirtd restarts when the gate is turned on or off; so the order is off, on, on, off, ...
# Settings: BENCH_GATE (rounds of processes), BENCH_GATE_PAIRS (migrations with and without the gate).
# shellcheck disable=SC2154 # guests.sh has set what is not set here

# The smallest guest: Linux guests have hung under TCG on a busy machine, whatever the gate was.
# shellcheck source=tests/volumes/disks.sh
. "$BENCH_SRC/../tests/volumes/disks.sh"

gate_rounds=${BENCH_GATE:-200}
gate_pairs=${BENCH_GATE_PAIRS:-12}

measure_gate_process()
{
	local output inquire verify changed again

	output=$("$BENCH_SRC/gate-process" "$LAB_DIR/bench/spawn" "$gate_rounds") || return
	{ read -r inquire && read -r verify && read -r changed && read -r again; } <<< "$output"
	row_below "gate, inquire : firewall_put(), same" "$gate_rounds" "$inquire" "$again" 10
	row_below "gate, verify : firewall_put(), same" "$gate_rounds" "$verify" "$again" 5
	row_plain "the same, ruleset changed meanwhile" "$gate_rounds" "$changed" "$again"
	table_note "gate: 5 disks and 1000 rules; firewall_put() changes nothing, in a process that runs;"
	table_note "smallest and largest: ${inquire#* }, ${verify#* }, ${changed#* } us"
}

# gate_hop on|off FROM TO
gate_hop()
{
	local downtime

	[ "$gate_is" = "$1" ] || "gate_$1" || return
	gate_is=$1
	wait_durable managed 0 3 && virsh_on "$2" migrate-setmaxdowntime managed "$downtime_limit_ms" && moved "$2" managed "$3" || return
	downtime=$(downtime_ms "$3" managed)
	case $1 in
	on) downtimes_gate+=("$downtime") ;;
	off) downtimes_open+=("$downtime") ;;
	esac
}

# median_difference: of the pairs, in ms
median_difference()
{
	local n differences=()

	for ((n = 0; n < ${#downtimes_gate[@]}; n++)); do
		differences+=("$(awk -v a="${downtimes_gate[n]}" -v b="${downtimes_open[n]}" 'BEGIN { print a - b }')")
	done
	spread "${differences[@]}"
}

# gate_pairs_run: off there, on back; then on there, off back
gate_pairs_run()
{
	local round turn gate gate_is=off from=hosta to=hostb swap

	for ((round = 0; round < gate_pairs; round++)); do
		turn="off on"
		! ((round % 2)) || turn="on off"
		for gate in $turn; do
			gate_hop "$gate" $from $to || { echo "bench/run: gate $gate, $from to $to failed after $round rounds" >&2; return 1; }
			swap=$from from=$to to=$swap
		done
	done
}

measure_gate()
{
	local downtimes_gate=() downtimes_open=() difference

	measure_gate_process || return
	disk_guest hosta managed disks=check > /dev/null && wait_until manifest_is_from hosta managed && gate_pairs_run || return
	row_same "gate-downtime : without the gate" downtimes_gate downtimes_open
	difference=$(median_difference)
	table_note "gate: median of the pairs' differences ${difference%% *} ms (from ${difference#* } ms)"
	guest_wipe managed
	gate_off
}
