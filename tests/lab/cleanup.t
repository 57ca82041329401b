#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A lab whose launcher is killed with SIGKILL leaves no process, no mount, no network link and no folder behind.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

# A lab of its own, inside or outside of the runner's: this script again, as its launcher.
if [ "${1:-}" = --lab ]; then
	trap - EXIT
	lab_enter "$0" --lab
	lab_up && guest_boot hosta doomed && echo "$LAB_DIR" > "$LAB_REPORT"
	sleep infinity
	exit
fi

links() { ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | sort; }
mounts() { cut -d' ' -f5 /proc/self/mountinfo | sort; }
processes_of_lab() { grep -lsz "^LAB_REPORT=$report" /proc/[0-9]*/environ | grep -v "/$$/"; }
mounts_of_lab() { grep -ls " $(cat "$report") " /proc/[0-9]*/mountinfo; }
qemus_of_lab() { pgrep -f "qemu-system.*guest=doomed"; }
none() { ! "$@" > /dev/null; }
folder_gone() { [ ! -e "$(cat "$report")" ]; }

plan 7
report=$(mktemp)
links_before=$(links)
mounts_before=$(mounts)
env -u LAB_INSIDE -u LAB_DIR LAB_REPORT="$report" bash "$0" --lab > "$report.log" 2>&1 &
launcher=$!
disown $launcher
ok "a lab with a running guest" wait_until test -s "$report"
[ -s "$report" ] || why "$(tail -n 20 "$report.log")"
ok "its QEMU is seen from here" qemus_of_lab
kill -KILL $launcher
ok "no process is left" wait_until none processes_of_lab
ok "no QEMU is left" wait_until none qemus_of_lab
ok "no mount is left" none mounts_of_lab
is "$(links) $(mounts)" "$links_before $mounts_before" "links and mounts are as before"
ok "the work folder is gone" wait_until folder_gone
rm -f "$report" "$report.log"
