# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Guests with volumes (sourced by volumes.sh): their XML, and the proof that no sector is lost.
#
# The guest is ../tiny-guest with disks=check. Its disks' numbers are their order in the XML: vda, the local one, is 0.
# A Linux guest would do as well, but is slow in user-mode Linux.

# volume_xml TARGET DEVICE [MORE]: a block device of the host; MORE: '<shareable/>'
volume_xml()
{
	cat <<-XML
	<disk type='block' device='disk'>
	 <driver name='qemu' type='raw' cache='none'/><source dev='$2'/><target dev='$1' bus='virtio'/>${3:-}
	</disk>
	XML
}

# disk_guest HOST NAME LINE [OPTION=VALUE]...: defines, starts and waits until its disks are ready. LINE: disks=check,
# or disk-load=N. Options are guest_xml's; volumes by devices="$(volume_xml ...)"
disk_guest()
{
	need_tiny && tiny_define "$@" && guest_start "$1" "$2" && wait_until tiny_said "$2" 'disk 0 durable [1-9][0-9]*'
}

# durable NAME DISK: the newest record that must be there
durable()
{
	tr -d '\r\0' < "$(console_of "$1")" | awk -v d="$2" '/^disk [0-9]+ durable [0-9]+$/ && $2 == d { n = $4 } END { print n + 0 }'
}

has_durable() { [ "$(durable "$1" "$2")" -ge "$3" ]; }

# wait_durable NAME DISK MORE: until MORE records are there than now, wherever it runs
wait_durable() { wait_until has_durable "$1" "$2" $(($(durable "$1" "$2") + $3)); }

# broken NAME: what the guest complained about
broken() { matching '^BROKEN' tr -d '\r\0' < "$(console_of "$1")"; }

# check_disk RAW NAME DISK: all that NAME's DISK must hold is in RAW, a file of the shared folder
check_disk() { "$LAB_SRC/../tiny-guest/check-disk" "$1" "$3" "$(durable "$2" "$3")"; }

# check_lun IQN N NAME DISK: by the storage host's file; NAME's guest is paused or off
check_lun()
{
	local raw status=0

	raw=$(mktemp "$LAB_DIR/tmp/lun.XXXXXX")
	lun_raw "$1" "$2" "$raw" && check_disk "$raw" "$3" "$4" || status=1
	rm "$raw"
	return $status
}

# check_image HOST PATH NAME DISK: the same of an image in HOST
check_image()
{
	local raw status=0

	raw=$(mktemp "$LAB_DIR/tmp/image.XXXXXX")
	image_raw "$1" "$2" "$raw" && check_disk "$raw" "$3" "$4" || status=1
	rm "$raw"
	return $status
}

# xml_for FROM NAME TO: its XML as TO needs it, for those who do without berth
xml_for()
{
	virsh_on "$1" dumpxml --migratable "$2" |
		sed "s,$(images_of "$1")/,$(images_of "$3")/,; s,bridge='$(bridge_of "$1")',bridge='$(bridge_of "$3")',"
}
