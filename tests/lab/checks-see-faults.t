#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab's own proofs notice what they are there for: lost and repeated ticks, lost sectors, a base that changed.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

console() { printf '%s\r\n' "$@" > "$LAB_DIR/tmp/console"; }
lost_ticks() { console "$@"; check_ticks "$LAB_DIR/tmp/console" 2> /dev/null; }
image=/var/lib/libvirt/images/faulty.qcow2

# tick_at SECTOR TEXT: into the raw disk
tick_at() { printf '%s\n' "$2" | dd of="$LAB_DIR/tmp/raw" bs=512 seek="$1" conv=sync,notrunc status=none; }
lost_sectors() { on hosta qemu-img convert -O qcow2 "$LAB_DIR/tmp/raw" $image; check_sectors hosta $image "$1" 2> /dev/null; }

plan 11
is "$(lost_ticks "tick 1 0.1" "tick 2 0.2") $?" "0 0" "a whole console"
is "$(lost_ticks "tick 1 0.1" "tick 4 0.2") $?" "2 1" "a gap"
is "$(lost_ticks "tick 1 0.1" "tick 2 0.2" "tick 2 0.2") $?" "1 1" "a repetition"
is "$(lost_ticks "tick 1 0.1" "BROKEN base image") $?" "0 1" "a complaint"
is "$(lost_ticks "tick 1 0.1" "resume-from 1" "tick 2 0.2") $?" "0 0" "a cold start"
is "$(lost_ticks "tick 1 0.1" "tick 2 0.1" "resume-from 1" "tick 2 0.2") $?" "1 1" "a cold start that lost a write"
is "$(lost_ticks "hello") $?" "0 1" "a console without ticks"
truncate -s 4M "$LAB_DIR/tmp/raw"
for n in 1 2 3 5; do tick_at $n "tick $n"; done
is "$(lost_sectors 3) $?" "0 0" "whole sectors"
is "$(lost_sectors 5) $?" "1 1" "a missing sector"
tick_at 4 "tick 3"
is "$(lost_sectors 5) $?" "1 1" "a wrong sector"

guest_boot hosta watchful
is "$(grep -c "^mark berth lab base" "$(console_of watchful)")" 1 "the guest sees the base image's mark"
