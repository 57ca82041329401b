#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs, man pages, completion and sample configuration say the same.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
berth=build/berth
pages="docs/man/berth.1 docs/man/berth-policy.5 docs/man/berth.conf.5 docs/man/berth-hook.8 docs/man/berth-gate.8"

# completed WORD...: what bash offers for the last word
completed()
{
	(
		. packaging/completion.bash
		_berth_guests() { :; }
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_berth
		printf '%s\n' "${COMPREPLY[@]}" | sort
	)
}

# options_of VERB: by its own usage, and those of every verb
options_of() { { $berth "$1" --help | head -1 | grep -oE -- '--[a-z]+'; printf '%s\n' --help --quiet; } | sort; }

# actions_of VERB: the words of which one must follow
actions_of() { $berth "$1" --help | sed -n '1s/^usage: berth [a-z]* \([a-z]*|[a-z|]*\)$/\1/p' | tr '|' '\n' | sort; }

# option_is_taken VERB OPTION: the program doesn't call it unknown
option_is_taken() { ! timeout 5 $berth "$1" "$2" no such words 2>&1 | grep -q 'unknown option'; }

# section PAGE HEAD: its text
section() { awk -v head="$2" '/^\.Sh / { on = $0 == ".Sh " head } on' "$1"; }

verbs=$($berth --help | sed -n 's/^  berth \([a-z]*\) .*/\1/p' | sort)
is "$(grep -ohE '"[a-z]+",$' cli/*.c | tr -d '",' | grep -xF "$verbs" | sort)" "$verbs" "--help tells of verbs that are there"
is "$(sed -n 's/^\.It Cm \([a-z]*\)$/\1/p' docs/man/berth.1 | sort)" "$verbs" "berth(1) tells of each verb"
is "$(section docs/man/berth.1 SYNOPSIS | sed -n 's/^\.Cm //p' | sort)" "$verbs" "its synopsis too"
is "$(completed berth '' | grep -v ^-)" "$verbs" "completion offers each verb"

for verb in $verbs; do
	is "$(completed berth "$verb" '' | grep ^-)" "$(options_of "$verb")" "$verb: completion offers its options"
	is "$(completed berth "$verb" '' | grep -v ^-)" "$(actions_of "$verb")" "$verb: and its actions"
	for option in $(options_of "$verb"); do
		ok "$verb: takes $option" option_is_taken "$verb" "$option"
	done
done
is "$(section docs/man/berth.1 OPTIONS | sed -n 's/^\.It Fl -\([a-z]*\).*/--\1/p')" \
	"$({ for verb in $verbs; do options_of "$verb"; done; echo --version; } | sort -u)" "berth(1) tells of each option"

# "section key", from the table, the page and the sample; mappings have no keys of their own
table=$(sed -nE 's/^\t\{"([a-z]+)", "([a-z_]+)", VALUE.*/\1 \2/p' config/config.c | sort)
sample=$(awk '/^\[/ { s = substr($1, 2, length($1) - 2) } /^#[a-z_]+ = / { print s, substr($1, 2) }' packaging/berth.conf |
	grep -vE '^(paths|bridges|networks) ' | sort)
page=$(awk '/^\.Ss/ { s = $2 == "Section" ? $3 : "" } /^\.It Cm/ { if (s) print s, $3 }' docs/man/berth.conf.5 | sort)
ok "the table of keys was found" test "$(wc -l <<< "$table")" -gt 10
is "$page" "$table" "berth.conf(5) tells of each key"
is "$sample" "$table" "the sample has each key"
sections=$(sed -nE 's/^\t\{"([a-z]+)", .*VALUE.*/\1/p' config/config.c | sort -u)
is "$(sed -n 's/^\[\(.*\)\]$/\1/p' packaging/berth.conf | sort)" "$sections" "and each section"
prints "all in comments" "" matching '^[^#].*=' cat packaging/berth.conf

tmp=$(mktemp -d)
sed 's/^#\([^ ]\)/\1/' packaging/berth.conf > "$tmp/berth.conf"
xml="<domain type='qemu'><name>x</name><uuid>3b9f5c5a-5d3c-4dd8-a2f4-1f2d3c4b5a69</uuid><os><type>hvm</type></os></domain>"
ok "the sample without its comment signs is accepted" $berth plan --config "$tmp" --xml - <<< "$xml"
echo "wrong = 1" >> "$tmp/berth.conf"
ok "while a wrong key is not" eval "! $berth plan --config '$tmp' --xml - <<< \"\$xml\""
rm -r "$tmp"

# names of protocols
table=$(grep -oE '\{"[a-z0-9-]+", [0-9]+, (true|false)\}' xml/policy-rule.c | cut -d'"' -f2 | sort)
ok "the table of protocols was found" test "$(wc -l <<< "$table")" -gt 20
is "$(sed -n 's|.*<value type="string">\([a-z].*\)</value>.*|\1|p' packaging/schemas/policy.rng |
	grep -vxE 'ingress|egress|ipv4|ipv6' | sort -u)" "$table" "the policy's schema has each"
is "$(awk '/^\.It Cm/ { on = $3 == "protocol" } on && /^\.Cm/ { print $2 }' docs/man/berth-policy.5 | sort -u)" "$table" \
	"berth-policy(5) tells of each"

# lint PAGE: a wrong page is no failure of mandoc's, which exits with 2 or less then
lint()
{
	local text status=0

	text=$(mandoc -T lint "$1" 2> /dev/null) || status=$?
	[ $status -le 2 ] || return
	[ -z "$text" ] || grep -vE 'referenced manual not found|outdated mandoc.db' <<< "$text" || [ $? = 1 ]
}
heads="NAME SYNOPSIS DESCRIPTION OPTIONS FILES EXIT STATUS EXAMPLES SEE ALSO"
for page in $pages; do
	is "$(sed -n 's/^\.Sh //p' "$page" | paste -sd' ')" "$heads" "$page: section heads"
	prints "$page: mandoc -T lint" "" lint "$page"
done
done_testing
