# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A disk that two guests on two hosts want (sourced by the tests of lock managers, behind lab.sh).

shared=$LAB_DIR/tmp/shared
image=$shared/disk.qcow2

# share_disk: the disk, and hosts that let it be
share_disk()
{
	mkdir -p "$shared"
	chmod 777 "$shared"
	cp "$LAB_DIR/base.qcow2" "$image"
	chmod 666 "$image"
	berth_conf hosta "[images]
shared = $shared"
	berth_conf hostb "shared = $shared"
}

# plain_migrate FROM TO: vm1, without a copy of its disk
plain_migrate() { on "$1" timeout 120 virsh -q -c "$(uri_of "$1")" migrate --live --unsafe vm1 "$(uri_of "$2")"; }

# define_too HOST: another guest with the same disk
define_too()
{
	guest_xml "$1" vm2 image="$image" mac=52:54:00:00:00:02 nic=none | virsh_on "$1" define /dev/stdin > /dev/null
}

# start_too HOST: that one. QEMU locks images too, but only the file itself: here it gets a copy in that place, so that
# the lock manager alone, which locks the path's name, says no.
start_too()
{
	cp "$LAB_DIR/base.qcow2" "$shared/copy"
	chmod 666 "$shared/copy"
	on "$1" mount --bind "$shared/copy" "$image"
	virsh_on "$1" start vm2 2>&1 && echo "it started"
	on "$1" umount "$image"
}

# refused_by_berth: vm1's way back from hostb, by hosta's gate and not by the lock manager. Then it is the test's to see who
# holds the lock, and to gate_unstub hosta.
refused_by_berth()
{
	local said

	ok "settled" wait_settled hostb
	ok "its manifest is hostb's" wait_until manifest_is_from hostb vm1
	gate_stub hosta 'echo "berth: vm1: not here" >&2; exit 1'
	said=$(plain_migrate hostb hosta 2>&1) && said="it migrated"
	like "$said" "not here" "a refusal of berth's own"
	ok "the guest goes on at the source" wait_more_ticks vm1 3
}
