#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a guest has zeroes over data of its base image, it has them after a move too: also when libvirt looks for zeroes while it
# copies. virsh's --migrate-disks-target-zero loses them, which berth-hook(8) warns of: the last part shows the harm.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
here=$(images_of hosta)/$guest.qcow2
there=$(images_of hostb)/$guest.qcow2

# The base image has numbers from 48 MiB on. What is written: clusters that are zero by their table, and clusters full of zeroes.
zeroed() { on "$1" qemu-io -f qcow2 -c "write -z 48M 256k" -c "write -P 0 49664k 256k" "$2" > /dev/null; }
# content HOST PATH: what is there now
content()
{
	local said

	said=$(on "$1" qemu-io -r -f qcow2 -c "read -P 0 48M 256k" -c "read -P 0 49664k 256k" "$2" 2>&1)
	[ "$(grep -c '^read 262144/262144 bytes' <<< "$said")" = 2 ] || { echo "$said"; return; }
	[[ $said == *"verification failed"* ]] && echo "the base's data" || echo zeroes
}
# moves [VIRSH-OPTION]...: a guest with these zeroes, from hosta to hostb, where it ends
moves()
{
	image_create hosta "$here" && zeroed hosta "$here" && [ "$(content hosta "$here")" = zeroes ] || return
	berth_boot hosta $guest && moved hosta $guest hostb "$@" && guest_destroy hostb $guest
}

ok "a guest with zeroes over its base's data moves" moves
is "$(content hostb "$there")" zeroes "they are there"
prints "sectors lost" 0 check_sectors hostb "$there" "$(last_tick $guest)"
guest_wipe $guest

if libvirt_is_at_least 10.9; then
	ok "one moves, and libvirt looks for zeroes" moves --migrate-disks-detect-zeroes vda
	is "$(content hostb "$there")" zeroes "they are there"
	prints "sectors lost" 0 check_sectors hostb "$there" "$(last_tick $guest)"
	guest_wipe $guest
fi

# With QEMU 10.1 on.
if libvirt_is_at_least 12.2; then
	ok "one moves, and libvirt is told that the target is zero" moves --migrate-disks-target-zero vda
	is "$(content hostb "$there")" "the base's data" "which an image on a base is not: the zeroes are lost, so berth-hook(8) must go on warning"
	prints "all else is there" 0 check_sectors hostb "$there" "$(last_tick $guest)"
	guest_wipe $guest
fi
done_testing
