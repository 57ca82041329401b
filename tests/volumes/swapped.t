#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the last moment the volume's name leads to another disk at the destination, or to none: the gate refuses, and the guest goes
# on at the source, with all its data.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes
guest=vm1
target=iqn.2026-11.lab:swapped
name=$(by_path $target 1)
other=$(by_path $target 2)

# tamper COMMANDS: on hostb, when libvirtd asks whether the guest may run
tamper()
{
	gate_stub hostb "[ \"\$1\" != verify ] || { $1; } > /tmp/tampered 2>&1 || echo failed >> /tmp/tampered
exec /usr/libexec/berth/berth-gate.real \"\$@\""
}
# refused WHAT REGEX: in one line; the guest goes on at hosta, hostb is as before
refused()
{
	local said

	said=$(on hosta timeout -k 5 120 virsh -q -c "$(uri_of hosta)" migrate --live $guest "$(uri_of hostb)" 2>&1) && said="it migrated"
	prints "$1: that was done" "" on hostb cat /tmp/tampered
	like "$said" "^error: .*berth: $guest: disk 'vda': $2" "$1: refused, and its user reads why"
	is "$(wc -l <<< "$said")" 1 "$1: in one line"
	is "$(guest_state hosta $guest) $(guest_state hostb $guest)" "running " "$1: the guest runs on hosta alone"
	ok "$1: and writes there" wait_durable $guest 0 5
	ok "$1: hostb is settled" wait_settled hostb
	gate_unstub hostb
	ok "$1: the name is what it was" on hostb udevadm trigger --settle --subsystem-match=block
	ok "$1: and as before" wait_until same_as_before hostb
}

ok "a target with two LUNs" make_target $target 8M:one 8M:two
ok "the gate is on" gate_on
ok "hostb has both already" iscsi_login hostb $target
ok "their names are there" wait_device hostb "$name"
ok "of the other, too" wait_device hostb "$other"
remember_state hostb
ok "the guest starts" disk_guest hosta $guest disks=check vda="$(volume_xml vda "$name")"
ok "it has its manifest" wait_until manifest_is_from hosta $guest
tamper "ln -sfn \$(readlink -f $other) $name"
refused "another LUN" ".*lun 2.*lun 1"
tamper "rm $name"
refused "no such name" ".*$name"

ok "with nothing wrong it moves" on hosta virsh -q -c "$(uri_of hosta)" migrate --live $guest "$(uri_of hostb)"
ok "and works there" wait_durable $guest 0 5
guest_destroy hostb $guest
prints "it complains about nothing" "" broken $guest
ok "the volume holds all that was durable" check_lun $target 1 $guest 0
gate_off
done_testing
