# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What of a host's storage berth must leave as it was (sourced by volumes.sh).

# volumes_state HOST: a sorted listing to compare, each line begins with what it is about:
#   session NUMBER IQN PORTAL           a session that was ended and made anew has another number
#   record FILE CHECKSUM BYTES          open-iscsi's, with all its settings: of a node, or of a discovery; or an empty folder
#   disk NAME of session NUMBER LUN SERIAL SECTORS ro|rw
#   aoe eS.L SECTORS ro|rw
#   dm NAME UUID open COUNT TABLE
#   mount SOURCE FOLDER TYPE OPTIONS
#   tool PROGRAM                        a running iscsiadm, or one of berth's
volumes_state() { on "$1" sh < "$VOLUMES_SRC/state-of-host" | LC_ALL=C sort; }

# remember_state HOST...: what same_as_before compares with
remember_state()
{
	local host

	for host; do volumes_state "$host" > "$LAB_DIR/tmp/state-$host"; done
}

# same_as_before HOST...: prints what differs since remember_state
same_as_before()
{
	local host status=0

	for host; do
		volumes_state "$host" | diff -U 0 --label "$host before" --label "$host now" "$LAB_DIR/tmp/state-$host" - || status=1
	done
	return $status
}
