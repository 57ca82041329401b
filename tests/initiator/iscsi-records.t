#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Node records of other targets that iscsiadm cannot read: it does its work and fails (status 6). What berth made is berth's all the same.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

start_targets "$portal"
start_initiator
make_target 1 1
stray=$iscsi_notes/nodes/$iqn:t5/127.0.0.1,3260
mkdir -p "${stray%/*}"
ln -s nowhere "$stray"

admin 1 -o new > /dev/null
admin 1 --login > /dev/null 2>&1
is "$? $(what_is_here)" "6 session:t1 lun:1 record:t1" "iscsiadm logs in, and says that it could not"
iscsiadm -m session -u > /dev/null
rm -r "$iscsi_notes/nodes/$iqn:t1"

ok "attached" iscsi attach 1 1 name="$(name_of 1 1)"
is "$(what_is_here)" "session:t1 lun:1 record:t1 note:t1" "device, session and record are there"
ok "detached" iscsi detach 1 1
prints "nothing is left of it" "" what_is_here

like "$(iscsi attach 9 1)" "^EIO .*: portal '$portal': the login failed, and iscsiadm cannot read all .*; mend or remove what 'iscsiadm -m node' complains" \
	"a target that isn't there: refused"
like "$(iscsiadm -m node 2>&1)" "$stray" "and that tells which record it is"
prints "nothing is left" "" what_is_here
ok "the unreadable record is left alone" test -L "$stray"
done_testing
