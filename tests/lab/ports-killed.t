#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# berth may be killed at any point of its work on a guest's ports: no rule is left, and none is missing for longer than until its next run.
# BERTH_FAULTS: the folder with programs built by "make FAULTS=1"; default build/faults.
# Long: it kills berth at each point.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
need_faults berth-event berth
ports_reset
guest=vm1
event=/usr/libexec/berth/berth-event

# fault HOST POINT: libvirt's hook there is killed at it; without POINT it isn't any more
fault()
{
	if [ -n "$2" ]; then
		on "$1" sh -c "[ -e $event.kept ] || mv $event $event.kept; cat > $event; chmod 755 $event" <<-HOOK
		#!/bin/sh
		BERTH_FAULT=$2 $LAB_DIR/faults/$1/berth-event "\$@" || { s=\$?; [ \$s != 137 ] || echo "\$2 \$3" >> /tmp/killed; exit \$s; }
		HOOK
	else
		on "$1" mv $event.kept $event
	fi
}
killed_at() { on "$1" sh -c 'sort -u /tmp/killed | tr "\n" " "; rm -f /tmp/killed' 2> /dev/null; }
fails() { ! "$@"; }
sync_killed() { on hosta env BERTH_FAULT="$1" "$LAB_DIR/faults/hosta/berth" sync $guest > /dev/null 2>&1; [ $? = 137 ]; }
nothing_left() { prints "$2: no rule is left on $1" "" on "$1" nft list ruleset; }
# stop_killed POINT: the guest stops, and its rules stay
stop_killed()
{
	ok "$1: it starts" tiny_start hosta $guest
	fault hosta "$1"
	guest_destroy hosta $guest
	fault hosta ""
	is "$(killed_at hosta)" "release end stopped end " "$1: killed"
}

tiny_define hosta $guest "ip=$IP1/24" metadata="$(usual_policy)"
for point in after-rules after-vlans; do
	fault hosta $point
	ok "$point: the start fails" fails guest_start hosta $guest
	is "$(killed_at hosta)" "start begin " "$point: killed"
	fault hosta ""
	nothing_left hosta "$point"
done

for point in before-stop after-vlans-stop; do
	stop_killed $point
	ok "$point: rules are left" has_rules hosta
	is "$(ports_of hosta $guest rules)" "guest gone" "$point: berth status tells of them"
	ok "$point: berth verify too" fails rules_hold hosta
	if [ $point = before-stop ]; then
		ok "$point: berth verify --repair" on hosta berth verify --repair
	else
		on hosta berth reap > /dev/null
	fi
	nothing_left hosta "$point"
done
stop_killed after-rules-stop
nothing_left hosta after-rules-stop

stop_killed before-stop
tiny_define hosta vm2 "ip=$IP2/24" mac=$MAC2 metadata="$(policy "$(port "mac='$MAC2'" $IP2)")"
ok "another guest starts" tiny_start hosta vm2
prints "that clears up behind the first one" "" matching "$guest" on hosta nft list ruleset
ok "the other's rules are there" rules_hold hosta vm2
guest_destroy hosta vm2

ok "the guest starts" tiny_start hosta $guest
before=$(rules hosta)
for point in after-rules after-vlans; do
	fault hostb $point
	ok "$point: a migration fails" fails migrate hosta $guest hostb
	is "$(killed_at hostb)" "start begin " "$point: killed"
	fault hostb ""
	nothing_left hostb "$point"
	is "$(rules hosta)" "$before" "$point: hosta's rules are untouched"
done
set_policy hosta $guest "$(usual_policy "ingress protocol='tcp' ports='80'")"
ok "berth sync is killed" sync_killed after-rules
ok "what it has done is whole" rules_hold hosta
is "$(passes $IP1 tcp:80 tcp:81)" tcp:80 "and holds"
wait_settled hostb
ok "and then it migrates" moved hosta $guest hostb
ok "with its rules" rules_hold hostb
nothing_left hosta "it has left"
done_testing
