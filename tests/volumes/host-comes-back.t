#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host whose plug was pulled comes back in the same lab: with its addresses, and with nothing of before.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

target=iqn.2026-11.lab:back

remember_state hostb
ok "a target" make_target $target 16M
ok "hostb logs in" iscsi_login hostb $target
ok "its device is there" wait_device hostb "$(by_path $target 1)"
ok "hosta reaches it" virsh_on hosta -c "$(uri_of hostb)" list
ok "its plug is pulled" host_down hostb
ok "it is put in" host_boot hostb
ok "it starts" host_start hostb
ok "with nothing of before" same_as_before hostb
ok "hosta reaches it again" virsh_on hosta -c "$(uri_of hostb)" list
ok "it logs in again" iscsi_login hostb $target
ok "its device is there" wait_device hostb "$(by_path $target 1)"
# The tests that follow want berth there, where the others have it.
[ -z "${BERTH_DEB:-}" ] || ok "it gets berth again" install_berth hostb
done_testing
