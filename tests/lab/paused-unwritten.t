#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that has arrived paused, with the gate: its image has what the source's has, and nobody writes to it before the guest was
# verified at its resume, refused resumes or not; though libvirt 11 with QEMU 10 has the image opened for writing as the guest comes.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
image=$(images_of hostb)/$guest.qcow2
base=$(base_of hostb)/base.qcow2

# file: each byte of it, and when it was written
file() { on hostb sh -c "sha256sum $image && stat -c '%y %b' $image"; }
# refused WHAT: the resume is, and nothing was written
refused()
{
	local said

	said=$(virsh_on hostb resume $guest 2>&1) && said="it runs"
	like "$said" "berth: $guest: disk 'vda': '$base'" "$1: refused"
	is "$(guest_state hostb $guest)" paused "$1: it is still paused"
	prints "$1: its image is as it was" "$arrived" file
}
# nodes: whether the block nodes of its QEMU are active, which QEMU tells from 10.0 on
nodes()
{
	virsh_on hostb qemu-monitor-command $guest '{"execute":"query-named-block-nodes","arguments":{"flat":true}}' |
		grep -o '"active":[a-z]*' | sort -u
}
written() { [ "$(file)" != "$arrived" ]; }
# paused WHAT OPTION...: it comes so
paused()
{
	ok "$1: guest boots" berth_boot hosta $guest
	[ "$1" != suspended ] || ok "$1: it is" virsh_on hosta suspend $guest
	ok "$1: it comes" migrate hosta $guest hostb "${@:2}"
	is "$(guest_state hostb $guest)" paused "$1: it is paused"
	ok "$1: hostb settles" wait_settled hostb
	arrived=$(file)
	ticks=$(last_tick $guest)
	is "$(disk_digest hostb "$image")" "$(disk_digest hosta "$(images_of hosta)/$guest.qcow2")" "$1: its image has what the source's has"
	[ -z "$knows" ] || prints "$1: all its images are active" '"active":true' nodes
	on hostb sh -c "cp -p $base /srv/kept && printf x >> $base"
	refused "$1, resumed"
	refused "$1, once more"
	ok "$1: libvirtd restarts" libvirtd_restart hostb
	refused "$1, by another libvirtd"
	on hostb cp -p /srv/kept "$base"
	prints "$1: put right, its image is as it was" "$arrived" file
	is "$(last_tick $guest)" "$ticks" "$1: no processor has run"
	ok "$1: it is resumed" virsh_on hostb resume $guest
	ok "$1: it counts on" wait_more_ticks $guest 3
	ok "$1: and writes" written
	guest_destroy hostb $guest
	prints "$1: ticks lost" 0 check_ticks "$(console_of $guest)"
	prints "$1: sectors lost" 0 check_sectors hostb "$image" "$(last_tick $guest)"
	guest_wipe $guest
}

ok "the gate is on everywhere" gate_on
libvirt_is_at_least 11.0 hostb && knows=1 || knows=
paused "to stay paused" --suspend
paused "suspended"
ok "the gate is off again" gate_off
done_testing
