#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever becomes of the program that the gate asks: libvirtd lives, the user reads why, the guest goes on at the source.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
there=$(images_of hostb)/$guest.qcow2

# refused HOW REGEX: the migration fails with that, in its user's words and in hostb's log
refused()
{
	local said

	said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
	like "$said" "berth: $guest: .*$2" "$1: virsh shows it"
	is "$(guest_state hosta $guest)" running "$1: the guest runs on hosta"
	ok "$1: and counts" wait_more_ticks $guest 3
	prints "$1: it is not on hostb" "" matching "^$guest\$" virsh_on hostb list --all --name
	ok "$1: hostb is cleared" wait_settled hostb
	ok "$1: the image that was made is gone" wait_until on hostb test ! -e "$there"
}
# survived HOST: since the gate is on, the same libvirtd
survived() { [ "$(libvirtd_pid "$1")" = "${pids[$1]}" ]; }

ok "the gate is on everywhere" gate_on
declare -A pids
for host in hosta hostb; do pids[$host]=$(libvirtd_pid $host); done
ok "guest boots on hosta" berth_boot hosta $guest

gate_stub hostb 'exec 1>&- 2>&-; kill -SEGV $$'
refused "it crashes" "berth-gate.* was killed by signal 11"
like "$(on hostb grep "berth: $guest" /var/log/messages)" "was killed by signal 11" "hostb's log has it too"
gate_stub hostb 'trap "" TERM; while :; do sleep 1; done'
refused "it hangs" "took longer than 10000 ms"
is "$(on hostb pgrep -fc /usr/libexec/berth/berth-gate)" 0 "and nothing of it is left"
gate_stub hostb 'yes >&2'
refused "it says too much" "took longer than 10000 ms"
on hostb rm /usr/libexec/berth/berth-gate
refused "it is not there" "is not there; reinstall berth"
gate_unstub hostb

gate_stub hosta 'yes'
refused "at the source it prints too much" "printed more than 2097152 bytes"
gate_stub hosta 'echo "berth: '$guest': not today" >&2; exit 1'
refused "at the source it refuses" "not today"
gate_unstub hosta

ok "with all as it was, it moves" moved hosta $guest hostb
ok "it counts on" wait_more_ticks $guest 3
for host in hosta hostb; do ok "$host: libvirtd lives" survived $host; done
guest_destroy hostb $guest
ok "no tick was lost" check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$there" "$(last_tick $guest)"
ok "the gate is off again" gate_off
done_testing
