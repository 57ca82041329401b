#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab's multipath: two portals, one map, which survives the death of one of them.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

target=iqn.2026-11.lab:paths
paths() { on hosta multipathd show paths format %t.%T | grep -c '^active.ready'; }
both_paths() { [ "$(paths)" = 2 ]; }
one_path() { [ "$(paths)" = 1 ]; }
# write_read N: a sector by the map, flushed, and read back
write_read()
{
	on hosta sh -ec "echo $1 | dd of=$map bs=512 seek=$1 conv=sync oflag=direct status=none
		[ \"\$(dd if=$map bs=512 skip=$1 count=1 iflag=direct status=none | tr -d '\\0')\" = $1 ]"
}

remember_state hosta
ok "a target" make_target $target 16M
ok "multipathd" multipath_start hosta
ok "login by one portal" iscsi_login hosta $target "$PORTAL"
ok "and by the other" iscsi_login hosta $target "$PORTAL2"
ok "two paths" wait_until both_paths
map=$(multipath_map hosta)
like "$map" '^/dev/mapper/3[0-9a-f]+$' "one map"
ok "written and read by the map" write_read 1
ok "a portal dies" portal_down "$PORTAL"
ok "written and read all the same" write_read 2
ok "one path is seen as dead" wait_until one_path
ok "the portal is back" portal_up "$PORTAL"
ok "both paths again" wait_until both_paths
ok "multipathd ends, and its map goes" multipath_stop hosta
ok "logout" iscsi_logout hosta $target "$PORTAL"
ok "logout" iscsi_logout hosta $target "$PORTAL2"
ok "nothing is left" same_as_before hosta
done_testing
