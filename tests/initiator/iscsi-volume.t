#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An iSCSI volume comes and goes with all that berth made for it; what others have made is used and left as it is.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

start_targets $portal
start_initiator
make_target 1 1 2
make_target 2 1
record=$iscsi_notes/nodes/$iqn:t1/127.0.0.1,3260

ok "attached" iscsi attach 1 1 name="$(name_of 1 1)"
is "$(what_is_here)" "session:t1 lun:1 record:t1 note:t1" "no LUN but the one that was asked for"
is "$(readlink -f "$(name_of 1 1)")" "$(iscsi find 1 1)" "udev's name leads to it"
is "$(stat -c %a "$record")" 600 "only root can read the node record"
is "$(grep -c -e '^node.startup = manual' -e '^node.session.scan = manual' "$record")" 2 "which brings nothing up by itself"
volume_of "$(name_of 1 1)"
is "${words[*]}" "kind=iscsi iqn=$iqn:t1 lun=1 portal=$portal wwn=naa.60000000000000000e00000000010001 serial=beaf11 size=16777216" "what it is"
ok "another one of that target" iscsi attach 1 2 name="$(name_of 1 2)"
is "$(what_is_here)" "session:t1 lun:1 lun:2 record:t1 note:t1" "in the same session"
ok "one is detached" iscsi detach 1 1
is "$(what_is_here)" "session:t1 lun:2 record:t1 note:t1" "the session stays for the other one"
ok "the other one is" iscsi detach 1 2
prints "nothing is left" "" what_is_here

admin 1 -o new > /dev/null
sed -i 's/^node.session.timeo.replacement_timeout = .*/node.session.timeo.replacement_timeout = 77/' "$record"
sum=$(sha256sum "$record")
ok "attached, where there is somebody's node record" iscsi attach 1 1
is "$(sha256sum "$record")" "$sum" "it is as it was"
ok "detached" iscsi detach 1 1
is "$(what_is_here)" "session:t1 lun:2 record:t1 note:t1" "that record brought another LUN, with which the session stays"
echo 1 > "/sys/block/$(basename "$(iscsi find 1 2)")/device/delete"
ok "detached again" iscsi detach 1 1
is "$(what_is_here)" "record:t1" "then it goes; the record doesn't"

admin 1 --login > /dev/null
is "$(what_is_here)" "session:t1 lun:1 lun:2 record:t1" "somebody has logged in"
ok "attached" iscsi attach 1 1
ok "detached" iscsi detach 1 1
is "$(what_is_here)" "session:t1 lun:1 lun:2 record:t1" "all stays"
echo 1 > "/sys/block/$(basename "$(iscsi find 1 1)")/device/delete"
ok "attached, where only the device was missing" iscsi attach 1 1
ok "detached" iscsi detach 1 1
is "$(what_is_here)" "session:t1 lun:2 record:t1" "only the device goes"
configure "iscsi = 127.0.0.0/8 $iqn:*" "release = never"
ok "nothing is to be released" iscsi detach 1 2
is "$(what_is_here)" "session:t1 lun:2 record:t1" "nothing is"
configure "iscsi = 127.0.0.0/8 $iqn:*" "release = always"
ok "all is to be released" iscsi detach 1 2
is "$(what_is_here)" "record:t1" "all is, but for somebody's record"
admin 1 -o delete

configure "iscsi = 127.0.0.0/8 $iqn:*"
ok "the host is started anew" iscsi attach 2 1
sed -i 's/^boot .*/boot earlier/' "$work/state/iscsi/$iqn:t2/$portal/note"
iscsiadm -m session -u > /dev/null
ok "detached after that" iscsi detach 2 1
prints "the node record goes" "" what_is_here
done_testing
