# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The benchmark's table (sourced by run): rows with medians, ratio, goal and verdict, and what stands below them.
#
# A measurement is "MEDIAN SMALLEST LARGEST", times in microseconds. A row has at most 80 columns.

table_rows=()
table_notes=()

table_note() { table_notes+=("$@"); }

# spread NUMBER...: their median, smallest and largest
spread()
{
	printf '%s\n' "$@" | sort -n | awk '
		{ v[NR] = $1 }
		END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'
}

# add_row NAME RUNS BERTH OTHER RATIO GOAL VERDICT
add_row() { table_rows+=("$(table_line "$@")"); }
table_line() { printf '%-36s %4s %8s %8s %6s %5s %s' "$@"; }

ms() { awk -v us="${1%% *}" 'BEGIN { printf us < 100000 ? "%.2f ms" : "%.0f ms", us / 1000 }'; }
ratio() { awk -v a="${1%% *}" -v b="${2%% *}" 'BEGIN { printf "%.2f", a / b }'; }
verdict() { if awk "BEGIN { exit !($1) }"; then echo met; else echo "not met"; fi; }

# row_at_most NAME RUNS BERTH OTHER GOAL: berth takes at most GOAL times as long
row_at_most()
{
	local r

	r=$(ratio "$3" "$4")
	add_row "$1" "$2" "$(ms "$3")" "$(ms "$4")" "$r" "<=$5" "$(verdict "$r <= $5")"
}

# row_at_least NAME RUNS BERTH OTHER GOAL: the other takes at least GOAL times as long
row_at_least()
{
	local r

	r=$(ratio "$4" "$3")
	add_row "$1" "$2" "$(ms "$3")" "$(ms "$4")" "$(awk -v r="$r" 'BEGIN { printf r < 100 ? "1/%.1f" : "1/%.0f", r }')" "1/$5" "$(verdict "$r >= $5")"
}

# row_adds NAME RUNS BERTH OTHER LIMIT: berth takes at most LIMIT ms longer
row_adds()
{
	local more

	more=$(awk -v a="${3%% *}" -v b="${4%% *}" 'BEGIN { printf "%+.0f", (a - b) / 1000 }')
	add_row "$1" "$2" "$(ms "$3")" "$(ms "$4")" "${more}ms" "<$5" "$(verdict "$more < $5")"
}

# row_below NAME RUNS BERTH OTHER LIMIT: berth takes less than LIMIT ms; OTHER is only shown, and may be -
row_below()
{
	local other=-

	[ "$4" = - ] || other=$(ms "$4")
	add_row "$1" "$2" "$(ms "$3")" "$other" - "<$5 ms" "$(verdict "${3%% *} < $5 * 1000")"
}

# row_plain NAME RUNS BERTH OTHER: without a goal
row_plain() { add_row "$1" "$2" "$(ms "$3")" "$(ms "$4")" "$(ratio "$3" "$4")" - -; }

# row_memory NAME KIB GOAL-KIB: less than GOAL
row_memory() { add_row "$1" 1 "$2 KiB" - - "$(($3 / 1024))MiB" "$(verdict "$2 < $3")"; }

# rank_z: how far apart two samples are by the ranks of their values, in standard deviations (Mann-Whitney);
# input: lines "a NUMBER" and "b NUMBER"
rank_z()
{
	sort -k 2,2n | awk '
		{ from[NR] = $1; value[NR] = $2; n[$1]++ }
		END {
			for (i = 1; i <= NR; i = j) {
				for (j = i; j <= NR && value[j] == value[i]; j++);
				for (k = i; k < j; k++) if (from[k] == "a") sum += (i + j - 1) / 2
				ties += (j - i) ^ 3 - (j - i)
			}
			u = sum - n["a"] * (n["a"] + 1) / 2
			variance = n["a"] * n["b"] / 12 * (NR + 1 - ties / (NR * (NR - 1)))
			z = variance > 0 ? (u - n["a"] * n["b"] / 2) / sqrt(variance) : 0
			printf "%.2f\n", z
		}'
}

# row_same "NAME : OTHER" ARRAY ARRAY: two arrays of milliseconds that should not differ measurably
row_same()
{
	local -n with=$2 without=$3
	local z a b

	z=$({ printf 'a %s\n' "${with[@]}"; printf 'b %s\n' "${without[@]}"; } | rank_z)
	read -ra a <<< "$(spread "${with[@]}")"
	read -ra b <<< "$(spread "${without[@]}")"
	add_row "$1" ${#with[@]} "${a[0]} ms" "${b[0]} ms" "$(ratio "${a[0]}" "${b[0]}")" same \
		"$(verdict "$z < 2.58")"
	table_note "${1%% *}: ${a[1]} to ${a[2]} ms with berth, ${b[1]} to ${b[2]} ms without" \
		"'same': a rank test's z is below 2.58; here $z"
}

table_print()
{
	table_line "berth : what it is compared with" runs berth other ratio goal ""
	printf '\n%s' "${table_rows[@]}"
	printf '\n\n'
	printf '%s.\n' "Medians, the two sides in turns; $(nproc) CPUs, Linux $(uname -r)" "${table_notes[@]}"
}
