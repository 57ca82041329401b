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

# gained HOST: what is there that wasn't at remember_state, without what differs from one attachment to the next; and what is lost:
#   session IQN PORTAL | record IQN PORTAL | disk IQN LUN ro|rw | aoe eS.L ro|rw | map PATHS open COUNT | lost LINE
gained()
{
	volumes_state "$1" > "$LAB_DIR/tmp/now-$1"
	LC_ALL=C comm -3 "$LAB_DIR/tmp/state-$1" "$LAB_DIR/tmp/now-$1" | awk '
		NR == FNR { if ($1 == "session") iqn[$2] = $3; next }
		!sub(/^\t/, "") { print "lost " $0; next }
		$1 == "session" { print "session", $3, $4; next }
		$1 == "record" { sub(".*/iscsi/[a-z_]*/", "", $2); split($2, part, "[/,]"); print "record", part[1], part[2] ":" part[3]; next }
		$1 == "disk" { print "disk", iqn[$5], $6, $NF; next }
		$1 == "aoe" { print "aoe", $2, $NF; next }
		$1 == "dm" && $3 ~ /^mpath-/ { print "map", gsub(/ [0-9]+:[0-9]+/, ""), "open", $4 + 0; next }
		{ print }' "$LAB_DIR/tmp/now-$1" - | LC_ALL=C sort
}

# lun_lines IQN LUN...: what gained says of a session at $PORTAL with these
lun_lines()
{
	printf "disk $1 %s rw\n" "${@:2}"
	printf '%s\n' "record $1 $PORTAL" "session $1 $PORTAL"
}

# has_gained HOST LINES
has_gained() { [ "$(gained "$1")" = "$2" ]; }

# comes_to HOST [LINE]...: HOST has gained just these, by and by; prints what differs
comes_to()
{
	local lines

	lines=$(printf '%s\n' "${@:2}" | LC_ALL=C sort | sed '/^$/d')
	wait_until has_gained "$1" "$lines" || diff -U 9 --label "$1 should have" --label "$1 has" <(echo "$lines") <(gained "$1")
}
