#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The folders of the sources see each other as docs/architecture.md's table says: no other way, and never in a circle.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh

# table: "FOLDER: FOLDER ..." a row, in the page's order
table() { sed -nE 's/^\| ([a-z/]+) \| ([a-z/, ]*)\|$/\1: \2/p' docs/architecture.md | tr -d , | grep -v '^folder: '; }
# seen FOLDER: whose headers its files include
seen()
{
	find "$1" -maxdepth 1 -name '*.[ch]' -exec sed -nE 's|^#include "(.*)/[^/]*"$|\1|p' {} + | sort -u | grep -vxF "$1"
}
folders() { find base config xml storage netfw libvirt plugin hooks gate cli -name '*.c' -printf '%h\n' | sort -u; }

is "$(table | cut -d: -f1 | sort)" "$(folders)" "the table has each folder with sources"
above=" "
while IFS=: read -r folder sees; do
	is "$(seen "$folder")" "$(xargs -n 1 <<< "$sees" | grep . | sort)" "$folder includes what the table says"
	higher=$(for one in $sees; do [[ $above == *" $one "* ]] || echo "$one"; done)
	is "$higher" "" "$folder sees only what stands above it"
	above+="$folder "
done < <(table)
done_testing
