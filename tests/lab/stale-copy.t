#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest has left behind does not start: not by hand, by autostart, by another name, nor from an old saved state. It may
# come back, or be declared the good copy again.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
here=$(images_of hosta)/$guest.qcow2
there=$(images_of hostb)/$guest.qcow2
saved=/var/lib/libvirt/qemu/save/by-hand
date='20[0-9-]* [0-9:]*'

# refused WHAT REGEX CMD...: in one line; the guest stays off at hosta and counts on at hostb
refused()
{
	local said

	said=$("${@:3}" 2>&1) && said="it started"
	like "$said" "$2" "$1: refused"
	is "$(grep -c berth: <<< "$said")" 1 "$1: in one line"
	prints "$1: nothing runs on hosta" "" virsh_on hosta list --name
}
reclaim() { on hosta berth reclaim "$@" 2>&1; }
resumed_cold() { wait_tick $guest $((seen + 5)); }
autostart_was_tried() { on hosta grep -q "berth.*prepare: $guest: disk 'vda': '$here' is stale" /var/log/messages; }

ok "guest boots" berth_boot hosta $guest
ok "its state is saved" virsh_on hosta save $guest $saved
ok "and restored" virsh_on hosta restore $saved
ok "it moves to hostb" moved hosta $guest hostb
stale="berth: $guest: disk 'vda': '$here' is stale: the guest left for another host on $date; start it there, or migrate it back; if it is to stay there, 'virsh undefine $guest'; if that copy is lost or unwanted, 'berth reclaim $guest'"
refused "virsh start" "$stale" virsh_on hosta start $guest
refused "the old saved state" "$stale" virsh_on hosta restore $saved
virsh_on hosta autostart $guest > /dev/null
on hosta sh -c 'rm -f /run/libvirt/qemu/autostarted; : > /var/log/messages' # libvirtd's note that it has done that since the boot
ok "libvirtd restarts, with autostart" libvirtd_restart hosta
ok "it has tried to start it" wait_until autostart_was_tried
is "$(guest_state hosta $guest)" "shut off" "but the guest stays off"
virsh_on hosta autostart --disable $guest > /dev/null
xml=$(virsh_on hosta dumpxml $guest)
uuid=$(virsh_on hosta domuuid $guest | head -1)
virsh_on hosta undefine $guest > /dev/null
virsh_on hosta define /dev/stdin <<< "$xml" > /dev/null
refused "undefined and defined again" "$stale" virsh_on hosta start $guest
virsh_on hosta domrename $guest vm9 > /dev/null
refused "with another name" "berth: vm9: disk 'vda': '$here' is stale: .*'virsh undefine vm9'; .*'berth reclaim $uuid'" virsh_on hosta start vm9
virsh_on hosta domrename vm9 $guest > /dev/null
ok "the guest counts on at hostb" wait_more_ticks $guest 3

ok "it comes back" moved hostb $guest hosta
ok "and its stale image is aside" on hosta test -e "$here.departed"
guest_destroy hosta $guest
seen=$(last_tick $guest)
guest_start hosta $guest
ok "it starts here, where it is at home again" resumed_cold
ok "with a manifest" wait_until manifest_is_from hosta $guest
ok "it moves to hostb once more, for good" moved hosta $guest hostb --persistent
guest_destroy hostb $guest
said=$(on hostb virsh -q -c "$(uri_of hostb)" migrate --offline --persistent $guest "$(uri_of hosta)" 2>&1) || said="it failed: $said"
is "$said" "" "--offline --persistent brings its definition back, alone"
refused "after that" "$stale" virsh_on hosta start $guest

like "$(reclaim $guest < /dev/null)" "$here, as it was on $date.*nothing is changed: '$guest' was not typed; --yes does without it" "berth reclaim tells, and asks"
like "$(reclaim $guest <<< no)" "nothing is changed" "another word is no yes"
refused "without a yes" "$stale" virsh_on hosta start $guest
like "$(reclaim vm7 --yes)" "this host has no stale image of a guest 'vm7'" "another guest has nothing to reclaim"
like "$(reclaim $guest <<< $guest)" "lost to it.*'$here' is the guest's good image again" "with its name it is reclaimed"
like "$(reclaim $guest --yes)" "has no stale image of a guest '$guest'" "once"
on hostb rm "$there"
guest_start hosta $guest
ok "it starts" wait_until manifest_is_from hosta $guest
ok "and moves" moved hosta $guest hostb
guest_destroy hostb $guest
on hosta rm "$saved"
done_testing
