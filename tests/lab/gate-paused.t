#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that arrives paused (virsh migrate --suspend) has its rules before it runs and is verified when it first does, be it
# resumed, resumed by another libvirtd, or saved and restored; refused as often as something is wrong, until that is put right.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
ports_reset
guest=vm1
base=$(base_of hostb)/base.qcow2

verified() { on hostb grep -c "berth: $guest: verified" /var/log/messages; }
refusals() { on hostb grep -c "gate: verify: $guest: disk 'vda': " /var/log/messages; }
# The base image isn't the source's any more; and is again
spoil() { on hostb sh -c "stat -c %y $base > /tmp/time && printf x >> $base"; }
mend() { on hostb sh -c "truncate -s -1 $base && touch -d \"\$(cat /tmp/time)\" $base"; }
# arrives [VIRSH-OPTION]...: it comes from hosta, and stands
arrives()
{
	ok "guest boots on hosta" berth_boot hosta $guest "ip=$IP1/24" metadata="$(usual_policy)"
	ok "it moves, and is to stay paused" migrate hosta $guest hostb --suspend "$@"
	is "$(guest_state hostb $guest)" paused "it is paused"
	ok "its rules are there" rules_hold hostb $guest
	ok "hostb settles" wait_settled hostb
	before=$(verified)
}
# refused WHAT CMD...: it isn't let run, and virsh and the log say why
refused()
{
	local said count

	count=$(refusals)
	said=$("${@:2}" 2>&1) && said="it runs"
	like "$said" "berth: $guest: disk 'vda': '$base'" "$1: refused"
	is "$(refusals)" $((count + 1)) "$1: as the log tells"
}
# runs WHAT: it does, verified
runs()
{
	is "$(verified)" $((before + 1)) "$1: it was verified"
	ok "$1: it counts on" wait_more_ticks $guest 3
	is "$(passes $IP1 tcp:24 tcp:80)" tcp:24 "$1: behind its rules"
}
away()
{
	guest_destroy hostb $guest
	prints "$1: ticks lost" 0 check_ticks "$(console_of $guest)"
	guest_wipe $guest
}

ok "the gate is on everywhere" gate_on
arrives
spoil
refused "resumed" virsh_on hostb resume $guest
refused "again" virsh_on hostb resume $guest
ok "libvirtd restarts" libvirtd_restart hostb
refused "another libvirtd" virsh_on hostb resume $guest
is "$(guest_state hostb $guest)" paused "it is still paused"
ok "its rules are still there" rules_hold hostb $guest
mend
ok "put right, it is resumed" virsh_on hostb resume $guest
runs "resumed"
away "resumed"

arrives --persistent
ok "it is saved" virsh_on hostb managedsave --running $guest
spoil
refused "restored" virsh_on hostb start $guest
mend
ok "put right, it is restored" virsh_on hostb start $guest
runs "restored"
away "restored"
ok "the gate is off again" gate_off
done_testing
