#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Control group: plain live migrations of a guest with a LUN, logins, images and XML made by hand, lose nothing, without berth.
# Long: it repeats a migration.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

hops=${CONTROL_HOPS:-5}
guest=control
target=iqn.2026-11.lab:control
device=$(by_path $target 1)

# hop FROM TO: what an administrator has to do
hop()
{
	iscsi_login "$2" $target && wait_device "$2" "$device" &&
		image_create "$2" "$(images_of "$2")/$guest.qcow2" &&
		xml_for "$1" $guest "$2" > "$LAB_DIR/$guest.xml" &&
		migrate "$1" $guest "$2" --migrate-disks vda --xml "$LAB_DIR/$guest.xml" &&
		iscsi_logout "$1" $target && on "$1" rm "$(images_of "$1")/$guest.qcow2" &&
		downtimes+=("$(downtime_ms "$2" $guest)")
}

there_and_back()
{
	local here=hosta there=hostb swap

	while [ $done -lt "$hops" ]; do
		hop $here $there || return
		done=$((done + 1))
		swap=$here here=$there there=$swap
		running=$here
		wait_durable $guest 1 20 || return
	done
}

done=0
downtimes=()
running=hosta
ok "a target" make_target $target 16M
ok "hosta logs in" iscsi_login hosta $target
ok "its device is there" wait_device hosta "$device"
ok "guest boots" disk_guest hosta $guest disks=check devices="$(volume_xml vdb "$device")"
there_and_back
is $done "$hops" "migrations that arrived"
guest_destroy $running $guest
prints "what the guest complains about" "" broken $guest
ok "the local disk holds all that was durable" check_image $running "$(images_of $running)/$guest.qcow2" $guest 0
ok "so does the LUN" check_lun $target 1 $guest 1
diag "control group: $done of $hops migrations, no record lost of $(durable $guest 0) and $(durable $guest 1)," \
	"downtimes ${downtimes[*]} ms"
done_testing
