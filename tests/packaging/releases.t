#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which Debian release each lab host gets, and when a root is made anew.

cd "$(dirname "$0")/../.." || exit
LAB_CACHE=$(mktemp -d)
trap 'rm -rf "$LAB_CACHE"' EXIT
LAB_HOSTS="hosta hostb hostc"
# shellcheck source=tests/lab/lab.sh
. tests/lab/lab.sh
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
unset LAB_DIR
trap 'rm -rf "$LAB_CACHE"; tap_end' EXIT

# on_machine RELEASE SETTING: each host's release, "-" for the machine's
on_machine()
{
	local host release machine=$1

	machine_release() { echo "$machine"; }
	LAB_RELEASES=$2
	for host in $LAB_HOSTS; do
		release=$(release_of "$host")
		echo "${release:--}"
	done | xargs
}

# waits_for_lock PID: its child sleeps until nobody else has the lock. /proc/locks tells that only in the first PID namespace.
waits_for_lock() { wait_until pgrep -P "$1" -r S -fx 'flock [0-9]+'; }

plan 13
is "$(on_machine bookworm "")" "- - -" "without a setting all have the machine's"
is "$(on_machine bookworm hostb=other)" "- trixie -" "other, on Debian 12"
is "$(on_machine trixie hostb=other)" "- bookworm -" "other, on Debian 13"
is "$(on_machine testing hostb=other)" "- trixie -" "other, on Debian testing"
is "$(on_machine trixie "hosta=trixie hostb=testing hostc=bookworm")" "- testing bookworm" "named, one of them the machine's"

folder=$(release_root trixie)
mkdir -p "$folder"
release_wanted > "$folder.packages"
ok "a root with the wanted packages is there" release_is_there trixie
echo more >> "$folder.packages"
ok "one with others isn't" eval '! release_is_there trixie'
release_wanted > "$folder.packages"
rmdir "$folder"
ok "nor is one that has gone" eval '! release_is_there trixie'

# A lab keeps its root: who makes it anew waits. make_release stands for that here; it would take minutes.
mkdir "$folder"
# shellcheck disable=SC2317 # get_release calls it
make_release() { release_wanted > "$folder.packages"; }
ok "it is made" get_release trixie
(get_release trixie && touch "$LAB_CACHE/has" && read -r _ < <(tail -f /dev/null)) &
lab=$!
ok "a lab has it" wait_until test -e "$LAB_CACHE/has"
echo more >> "$folder.packages"
(get_release trixie && touch "$LAB_CACHE/made") &
ok "another, that wants other packages, waits" waits_for_lock $!
kill $lab
ok "until the first one has ended" wait_until test -e "$LAB_CACHE/made"
ok "and has made it anew" release_is_there trixie
