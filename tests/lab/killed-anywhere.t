#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# berth may be killed at any point of its work at the destination, or of clearing up after that: nothing is lost or left.
# BERTH_FAULTS: the folder with programs built by "make FAULTS=1"; default build/faults.
# Long: it kills berth at each point.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_faults berth-event berth
berth_reset
guest=vm1
target=$(images_of hostb)/$guest.qcow2
deep=$(images_of hosta)/deep/er
data=$deep/$guest-data.qcow2

begin() { on hostb env "$@" "$LAB_DIR/faults/hostb/berth-event" $guest migrate begin - < "$LAB_DIR/incoming.xml"; }
reap() { on hostb "$@" reap > "$LAB_DIR/reap.out" 2>&1; }
kill_watchers() { on hostb pkill -KILL -f 'berth watch'; }
# killed CMD...: it ends by SIGKILL
killed() { "$@" > "$LAB_DIR/killed.out" 2>&1; [ $? = 137 ]; }
not_as_before() { [ "$(host_snapshot hostb)" != "$before" ]; }
# cleared NAME: one "berth reap" later hostb is as before
cleared()
{
	reap berth || diag "$1: $(cat "$LAB_DIR/reap.out")"
	is "$(host_snapshot hostb)" "$before" "$1: berth reap leaves hostb as before"
}
back_and_forth() { moved hosta $guest hostb && moved hostb $guest hosta; }

# The plan of a guest that comes back has steps of all kinds: its stale image, an image, two folders, another image.
on hosta mkdir -p "$deep"
image_create hosta "$data"
ok "guest boots, with two disks" berth_boot hosta $guest disk=vdb:"$data"
ok "it goes to hostb and comes back" back_and_forth
on hostb rm -r "$(images_of hostb)/deep"
virsh_on hosta dumpxml --migratable $guest > "$LAB_DIR/incoming.xml"
plan=$(on hostb berth plan < "$LAB_DIR/incoming.xml")
steps=$(grep -c '^[0-9]' <<< "$plan")
is "$(grep -c 'set the guest.s stale image' <<< "$plan") $(grep -c 'make folder' <<< "$plan") $(grep -c 'make image' <<< "$plan")" \
	"1 2 2" "the plan has steps of all kinds"
before=$(host_snapshot hostb)

for point in before-step after-step before-place after-place; do
	for ((pass = 1; pass <= steps; pass++)); do
		ok "$point $pass: killed" killed begin BERTH_FAULT=$point:$pass
		ok "$point $pass: there is something to clear" not_as_before
		cleared "$point $pass"
	done
done

# Without a fault it goes through; then clearing up is killed, at each step, and goes on from there.
for ((pass = 1; pass <= steps; pass++)); do
	ok "undo $pass: all is made" begin NO=FAULT
	ok "undo $pass: the images are there" on hostb test -e "$target" -a -e "$(images_of hostb)/deep/er/$guest-data.qcow2"
	ok "undo $pass: its watcher is killed" wait_until kill_watchers
	on hostb sh -c 'sed -i "s/began=[0-9]*/began=1/" /var/lib/berth/journal/*'
	ok "undo $pass: killed" killed reap env BERTH_FAULT=before-undo:$pass "$LAB_DIR/faults/hostb/berth"
	cleared "undo $pass"
done

# What is left by a killed run doesn't keep the guest from coming.
ok "killed once more" killed begin BERTH_FAULT=before-place:$steps
ok "a migration clears up by itself, and arrives" moved hosta $guest hostb
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$target" "$(last_tick $guest)"
ok "the second disk is whole" check_end hostb "$(images_of hostb)/deep/er/$guest-data.qcow2" vdb
on hosta rm -rf "$(images_of hosta)/deep"
on hostb rm -rf "$(images_of hostb)/deep"
done_testing
