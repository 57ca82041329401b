# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a packet to a guest costs (sourced by firewall.sh).
# shellcheck disable=SC2154 # firewall.sh has set what is not set here

packet_rounds=${BENCH_PACKETS:-40}
packet_run_ms=20

# linear_table < TABLE: the table of vnet0, but with chains that ask for 1000 interfaces, vnet0 last, instead of a map
linear_table()
{
	awk '
		/[io]ifname vmap/ {
			for (i = 999; i >= 0; i--)
				printf "\t\t%s \"vnet%d\" goto %s\n", $1, i, i ? "others" : $1 == "iifname" ? "vnet0-egress" : "vnet0-ingress"
			next
		}
		/chain from_port/ { print "\tchain others {\n\t\tdrop\n\t}\n" }
		{ print }'
}

ns() { echo "${1%% *} ns"; }

# measure_packets: they come in by the bridge's uplink; the guest lets in UDP port 9
measure_packets()
{
	local name files=() costs sent arrived

	for name in none one hundred thousand linear; do files+=("$(space_file $name)"); done
	on hostb $tools/blast "$packet_rounds" $packet_run_ms $guest_mac "${files[@]}" > "$LAB_DIR/packets" || return
	while read -r _ _ _ sent arrived; do
		# A single one may be lost: the CPU's queue has room for 1000.
		[ $((arrived * 100)) -ge $((sent * 99)) ] && [ "$arrived" -gt 0 ] ||
			{ echo "bench/run: $arrived of $sent packets arrived" >&2; return 1; }
	done < "$LAB_DIR/packets"
	mapfile -t costs < "$LAB_DIR/packets"
	packet_row "packet, 1 guest : no firewall" "${costs[1]}" "${costs[0]}" - -
	packet_row "packet, 100 guests : 1 guest" "${costs[2]}" "${costs[1]}" - -
	packet_row "packet, 1000 guests : 1 guest" "${costs[3]}" "${costs[1]}" "<=1.1" "$(verdict "${costs[3]%% *} <= 1.1 * ${costs[1]%% *}")"
	packet_row "packet, 1000 guests : linear chains" "${costs[3]}" "${costs[4]}" - -
}

# packet_row NAME COST COST GOAL VERDICT
packet_row() { add_row "$1" "$packet_rounds" "$(ns "$2")" "$(ns "$3")" "$(ratio "$2" "$3")" "$4" "$5"; }
