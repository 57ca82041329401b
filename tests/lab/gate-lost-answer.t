#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When libvirtd dies between the guest's resume and its answer that it runs, the source goes on with the guest, too; so it is
# suspended at the destination, whose log says so. The moment is too short to be met: libvirt's status file is made to say what it said when it was.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
warning="berth.*: $guest: $LAB_DAEMON died when the guest ran here already, .*: host 'hosta' may run it as well"

warnings() { on hostb grep -c "$warning" /var/log/messages; }
warned() { [ "$(warnings)" = "$1" ]; }
journal() { on hostb sh -c "mkdir -p -m 700 /var/lib/berth/journal && cat > /var/lib/berth/journal/$uuid"; }
watching() { on hostb sh -c "ls -l /proc/\$(pgrep -fx 'berth watch $uuid')/fd | grep -q socket:"; }
# dies WHAT JOB: libvirtd, while berth watches a migration and libvirt's last word on its job was this
dies()
{
	printf 'berth-journal\t1\nguest\tname=%s\ttoken=%032d\tsource=hosta\tbegan=1\nphase\tname=preparing\tbegan=1\n' $guest 0 | journal
	on hostb sh -c "berth watch $uuid > /dev/null 2>&1 &"
	ok "$1: it is watched" wait_until watching
	on hostb sed -i "/^<domstatus /a <job type='none' async=$2/>" /run/libvirt/qemu/$guest.xml
	libvirtd_kill hostb
}
state_is() { [ "$(guest_state hostb $guest)" = "$1" ]; }
# settles WHAT STATE
settles()
{
	ok "$1: libvirtd comes again" libvirtd_start hostb
	ok "$1: it is watched on" wait_until watching
	ok "$1: the guest is $2" wait_until state_is "$2"
	on hostb pkill -fx "berth watch $uuid"
	on hostb rm -f "/var/lib/berth/journal/$uuid"
}

ok "guest boots" berth_boot hostb $guest
uuid=$(virsh_on hostb domuuid $guest)
dies none "'none'"
settles none running
is "$(warnings)" 0 "a guest without a migration is not spoken of"
dies "migration in" "'migration in' phase='finish3'"
ok "the log warns of two" wait_until warned 1
settles "migration in" paused
is "$(warnings)" 1 "once"
ok "whoever knows that it runs nowhere else resumes it" virsh_on hostb resume $guest
ok "the guest counts on" wait_more_ticks $guest 3
done_testing
