#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A migration that fails after `migrate begin` without any further event is cleaned up, and only what is garbage is.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
target=$(images_of hostb)/$guest.qcow2
other_image=/srv/vm/other.qcow2

as_before() { [ "$(host_snapshot hostb)" = "$before" ]; }
kill_watchers() { on hostb pkill -KILL -f 'berth watch'; }
fails() { ! migrate hosta $guest hostb > "$LAB_DIR/out" 2>&1; }

ok "guest boots on hosta" berth_boot hosta $guest
image_create hostb $other_image
guest_xml hostb $guest image=$other_image mac=52:54:00:00:00:99 | sed "s,console/$guest,console/other," |
	virsh_on hostb define /dev/stdin > /dev/null
ok "another guest of the same name runs on hostb" guest_start hostb $guest
ok "it is settled" wait_until manifest_is_from hostb $guest
before=$(host_snapshot hostb)

ok "the migration fails" fails
like "$(cat "$LAB_DIR/out")" "already exists|already defined|already active" "libvirt says why"
ok "the watcher cleans up" wait_until as_before
is "$(host_snapshot hostb)" "$before" "nothing is left on hostb"

ok "once more" fails
ok "this time the watcher is killed" kill_watchers
ok "the image is there" on hostb test -e "$target"
on hostb sh -c 'sed -i "s/began=[0-9]*/began=1/" /var/lib/berth/journal/*'
like "$(on hostb berth status)" "vm1 +prepared" "berth status shows it"
like "$(on hostb berth reap)" "vm1: never arrived: what was made for it is removed" "berth reap clears it"
is "$(host_snapshot hostb)" "$before" "nothing is left on hostb"

ok "and again" fails
kill_watchers
on hostb sh -c 'sed -i "s/began=[0-9]*/began=1/" /var/lib/berth/journal/*'
virsh_on hostb destroy $guest
ok "the next run of the hook clears it" wait_until on hostb test ! -e "$target"
ok "the other guest's image is untouched" on hostb test -e $other_image
ok "the guest goes on at the source" wait_more_ticks $guest 3
done_testing
