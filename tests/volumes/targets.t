#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab's targets: serial numbers, CHAP, a disk replaced behind its number, targets that go, portals that are silent or dead.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

one=iqn.2026-11.lab:one
secret=iqn.2026-11.lab:secret

# luns HOST: number, serial number and sectors of each disk
luns() { volumes_state "$1" | awk '$1 == "disk" { print $6, $7, $8 }'; }

# login_says PORTAL [IQN]: what iscsiadm says when hosta logs in there. Its patience would be minutes, and iscsid's too,
# who goes on trying when iscsiadm was killed.
login_says()
{
	on hosta sh -c "
		iscsiadm -m node -T ${2:-$one} -p $1 -o new > /dev/null
		iscsiadm -m node -T ${2:-$one} -p $1 -o update -n node.conn[0].timeo.login_timeout -v 2
		iscsiadm -m node -T ${2:-$one} -p $1 -o update -n node.session.initial_login_retry_max -v 1
		iscsiadm -m node -T ${2:-$one} -p $1 --login 2>&1
		iscsiadm -m node -T ${2:-$one} -p $1 -o delete"
}

ok "a target with two LUNs" make_target $one 16M:first 32M
ok "login" iscsi_login hosta $one
ok "the first LUN's device" wait_device hosta "$(by_path $one 1)"
ok "the second's" wait_device hosta "$(by_path $one 2)"
is "$(luns hosta)" "1 first 32768
2 $one-2 65536" "their numbers, serial numbers and sizes"
like "$(on hosta sh -c 'echo /dev/disk/by-id/wwn-*')" '/dev/disk/by-id/wwn-0x[0-9a-f]{32} ' "they have WWNs"
ok "hostb logs in, by the other portal" iscsi_login hostb $one "$PORTAL2"
ok "its device has that portal's name" wait_device hostb "$(by_path $one 1 "$PORTAL2")"
ok "logout" iscsi_logout hosta $one

ok "another disk behind number 1" replace_lun $one 1 16M second
ok "LUN 2 goes" remove_lun $one 2
ok "login" iscsi_login hosta $one
ok "there is a device of the same name" wait_device hosta "$(by_path $one 1)"
is "$(luns hosta)" "1 second 32768" "but it is another disk, and the only one"
ok "logout" iscsi_logout hosta $one

ok "a target that wants a password" make_target $secret 8M
ok "of this user" require_chap $secret anna abcdefghijkl
like "$(login_says "$PORTAL" $secret)" "authorization failure" "without it nobody is let in"
ok "with it, login" iscsi_login_as hosta $secret anna abcdefghijkl
ok "logout" iscsi_logout hosta $secret

silent=$(silent_portal 3261)
ok "a silent portal takes a connection" on hosta bash -c "exec 3<> /dev/tcp/${silent/:/\/}"
like "$(login_says "$silent")" 'PDU timed out' "and says nothing"
like "$(login_says "$NO_PORTAL")" 'connection timed out' "a portal that nobody has can't be reached"
ok "a portal's cable is pulled" portal_down "$PORTAL"
like "$(login_says "$PORTAL")" 'connection timed out' "it can't be reached"
ok "it is put in again" portal_up "$PORTAL"
ok "login" iscsi_login hosta $one
ok "logout" iscsi_logout hosta $one
ok "a target goes" remove_target $one
like "$(login_says "$PORTAL")" 'login failure' "it is unknown now"
done_testing
