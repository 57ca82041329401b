#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shell scripts pass shellcheck, and each says its licence.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh

mapfile -t scripts < <(find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 |
	xargs -0 grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' | sort)
# SC2174: mkdir -p -m is about the last folder only, as it should.
complaints=$(printf '%s\n' "${scripts[@]}" | xargs -P 4 -n 4 shellcheck -x -S warning -e SC2174 -f gcc)

plan $((2 * ${#scripts[@]}))
for script in "${scripts[@]}"; do
	is "$(grep -F "$script:" <<< "$complaints")" "" "$script: shellcheck"
	like "$(head -2 "$script")" "# SPDX-License-Identifier: GPL-2.0-or-later" "$script: licence"
done
