#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# same_as_before can fail: it sees each kind of change to a host's storage, and no change where there is none.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

target=iqn.2026-11.lab:seen
device=$(by_path $target 1)
# A change's line; diff's own lines begin with --- and +++
seen() { same_as_before hosta | grep '^[+-][^+-]' | cut -d' ' -f1 | sort -u | xargs; }

ok "a target" make_target $target 16M:one
remember_state hosta
ok "nothing changes by itself" same_as_before hosta
on hosta sh -c "iscsiadm -m node -T $target -p $PORTAL -o new > /dev/null"
is "$(seen)" "+record" "a record"
remember_state hosta
on hosta sh -c "iscsiadm -m node -T $target -p $PORTAL -o update -n node.startup -v automatic"
is "$(seen)" "+record -record" "a setting in a record"
on hosta sh -c "iscsiadm -m node -T $target -p $PORTAL -o update -n node.startup -v manual"
ok "and when it is as it was" same_as_before hosta
ok "login" iscsi_login hosta $target
ok "its device" wait_device hosta "$device"
is "$(seen)" "+disk +session" "a session, and its disk"
remember_state hosta
on hosta blockdev --setro "$device"
is "$(seen)" "+disk -disk" "a disk that became read-only"
on hosta blockdev --setrw "$device"
on hosta sh -c "echo 0 32768 linear $device 0 | dmsetup create linear"
is "$(seen)" "+dm" "a map"
on hosta sh -c 'dmsetup remove linear; mkdir -p /mnt/x; mount -t tmpfs x /mnt/x'
is "$(seen)" "+mount" "a mount"
on hosta umount /mnt/x
ok "and when all that has gone" same_as_before hosta
on hosta sh -c 'iscsiadm -m node --logout; iscsiadm -m node --login' > /dev/null
ok "its device" wait_device hosta "$device"
is "$(seen)" "+disk +session -disk -session" "a session that was ended and made anew"
ok "logout" iscsi_logout hosta $target
done_testing
