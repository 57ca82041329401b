#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without --migrate-disks libvirt would mirror a LUN onto itself (control-mirrored-onto-itself.t). With berth it can't: the migration
# is refused in one line, whoever attached the LUN, and the guest goes on where it is, and moves without a copy.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes
guest=mirrored
target=iqn.2026-11.lab:mirrored
device=$(by_path $target 1)

# migrate_without_copy FROM TO [OPTION]...
migrate_without_copy() { on "$1" virsh -q -c "$(uri_of "$1")" migrate --live $guest "$(uri_of "$2")" "${@:3}"; }
fence_log() { on hosta sed -nE '/berth.*fence/s/.* (daemon\.[a-z]+) berth\[[0-9]+\]: /\1 /p' /var/log/messages; }
# refused WHEN: as hostb was
refused()
{
	local said status=0

	said=$(migrate hosta $guest hostb 2>&1) || status=$?
	is "$status" 1 "$1: refused"
	like "$said" "berth: $guest: disk 'vda': '$device' is a volume that both hosts have, and the migration would copy it onto itself, .*; name the other disks" \
		"$1: by berth"
	ok "$1: the guest goes on" wait_durable $guest 0 500
	is "$(guest_state hosta $guest)" running "$1: at hosta"
	ok "$1: hostb is settled" wait_settled hostb
	ok "$1: nothing waits there" wait_until released hostb
	prints "$1: and it is as before" "" same_as_before hostb
}

ok "a target" make_target $target 16M
ok "the gate is on" gate_on
remember_state hostb
ok "guest boots" disk_guest hosta $guest disk-load=32 vda="$(volume_xml vda "$device")"
ok "it has its manifest" wait_until manifest_is_from hosta $guest
ok "it is busy" wait_durable $guest 0 2000
refused "attached by berth"

ok "an administrator logs in at hostb" iscsi_login hostb $target
ok "the device is there" wait_device hostb "$device"
remember_state hostb
refused "attached by somebody else"

ok "it moves without a copy" migrate_without_copy hosta hostb
ok "hostb is settled" wait_settled hostb
ok "the guest writes there" wait_durable $guest 0 500
known=$(fence_log | wc -l)
ok "it moves back, and is to stay paused" migrate_without_copy hostb hosta --suspend
ok "hosta is settled" wait_settled hosta
is "$(guest_state hosta $guest)" paused "the guest is paused there"
ok "the LUN holds all that was durable" check_lun $target 1 $guest 0
ok "it is resumed" virsh_on hosta resume $guest
ok "it writes" wait_durable $guest 0 500
is "$(fence_log | tail -n +$((known + 1)))" "daemon.info $guest: disk 'vda': the guest is here and has not run yet; its write fence is lifted" \
	"all that the log says of the fence"
guest_destroy hosta $guest
prints "the guest complains about nothing" "" broken $guest
ok "the LUN holds all that was durable" check_lun $target 1 $guest 0
diag "$(durable $guest 0) records"
gate_off
done_testing
