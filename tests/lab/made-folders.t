#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Folders that berth has made for a guest's image go when that image is removed, unless somebody else uses them by now.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
here=$(images_of hosta)/site/deep/$guest.qcow2
there=$(images_of hostb)/site
folders() { on hostb find "$(images_of hostb)" -mindepth 1 -type d; }
there_and_back() { moved hosta $guest hostb && moved hostb $guest hosta; }

on hosta mkdir -p -m 711 "${here%/*}"
ok "guest boots, its image two folders deep" berth_boot hosta $guest image="$here"
before=$(host_snapshot hostb)
ok "it moves there and back" there_and_back
is "$(folders)" "$there"$'\n'"$there/deep" "hostb has these folders"
like "$(on hostb berth reap --departed)" "removed '$there/deep/$guest.qcow2'" "berth reap --departed removes its stale image"
prints "and the folders" "" folders
is "$(host_snapshot hostb)" "$before" "hostb is as before"

ok "it moves there and back" there_and_back
ok "once more" there_and_back
ok "one stale image was set aside" on hostb test -e "$there/deep/$guest.qcow2.departed"
on hostb touch "$there/somebody-else"
ok "berth reap --departed removes both" on hostb berth reap --departed
is "$(folders)" "$there" "the folder that somebody uses stays"
on hostb rm -r "$there"

berth_conf hostb "departed = remove"
ok "departed = remove: it moves there and back" there_and_back
is "$(host_snapshot hostb)" "$before" "hostb is as before, at once"
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
on hosta rm -r "$(images_of hosta)/site"
done_testing
