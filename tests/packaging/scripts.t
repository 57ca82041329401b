#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shell scripts pass shellcheck, and each says its licence.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh

mapfile -t scripts < <(find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 |
	xargs -0 grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' | sort)
# complaints_of OPTION... < FILES: SC2174: mkdir -p -m is about the last folder only, as it should.
complaints_of() { xargs -r -P 2 -n 8 shellcheck "$@" -S warning -e SC2174 -f gcc; }
# What a script sources is read again for each script, a second or two each: without it first, which can only add complaints of
# variables; so whoever has one is looked at with it.
doubtful=$(printf '%s\n' "${scripts[@]}" | complaints_of -e SC1091 | cut -d: -f1 | sort -u)
complaints=$(complaints_of -x <<< "$doubtful")

plan $((3 * ${#scripts[@]} + 1))
ok "shellcheck is here" shellcheck --version
for script in "${scripts[@]}"; do
	prints "$script: shellcheck" "" matching "$script:" echo "$complaints"
	# Of a program that cannot run, "" and grep's count are what is expected too: tap.sh's prints sees that.
	prints "$script: no check that cannot fail" "" matching '^[^#]*is "\$\(.*\)" ""|^[^#]*is "\$\(.*[|] *grep -c.*\)" "?0' cat "$script"
	like "$(head -2 "$script")" "# SPDX-License-Identifier: GPL-2.0-or-later" "$script: licence"
done
