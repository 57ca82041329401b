#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A volume that the destination may not have, or lacks the means for, refuses the migration before anything moves: one line says
# what is wrong and what to do, the guest goes on, and the destination is as before.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
# shellcheck source=tests/volumes/refusals.sh
. "$(dirname "$0")/refusals.sh"
iscsid_stop() { on hostb pkill -x iscsid && wait_until on hostb sh -c '! pgrep -x iscsid'; }
# Modules lie in a folder that can't be written to.
module_away() { on hostb sh -c 'mount -t tmpfs none "/lib/modules/$(uname -r)"' && remember_state hostb; }
module_back() { on hostb sh -c 'umount "/lib/modules/$(uname -r)"'; }

refusals_begin
configure "iscsi = 10.99.0.0/24 iqn.2026-11.lab:*
aoe = eth0"
refused "portal not allowed" "iscsi .*$target.*: portal '$portal' is not allowed here; add its address to 'iscsi'"
configure "iscsi = 10.88.0.0/24 iqn.2026-11.lab:other
aoe = eth0"
refused "target not allowed" "iscsi .*: target '$target' is not allowed here; add it to 'iscsi'"
configure "iscsi = 10.88.0.0/24 iqn.2026-11.lab:*"
refused "AoE not allowed" "aoe .*1\.1.*: AoE is not allowed on this host; name the interfaces"
configure "iscsi = 10.88.0.0/24 iqn.2026-11.lab:*
aoe = eth7"
refused "AoE's interface missing" "aoe .*1\.1.*: interface 'eth7' of 'aoe' in \[volumes\] is missing or down; set it up"
configure "$ALLOWED"
ok "iscsid ends" iscsid_stop
refused "iscsid doesn't run" "iscsi .*$target.*: iscsid doesn't run; start it"
on hostb iscsid
ok "module aoe goes" module_away
refused "no module aoe" "aoe .*1\.1.*: this host's kernel has no module 'aoe'; install it"
ok "and comes back" module_back
refusals_end
