# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of iSCSI volumes share (sourced, after volumes.sh): an initiator and targets on this very machine.

work=${work:?} tool=${tool:?}
iqn=iqn.2026-11.lab
portal=127.0.0.1:3260

# daemon CMD...: in the background until the test ends; iscsid ends with all processes of its group
daemon()
{
	setsid "$@" > /dev/null 2>&1 &
}

# What iscsiadm notes: Debian 12 has it in /etc/iscsi, later ones in /var/lib/iscsi.
iscsi_notes=/etc/iscsi
! grep -aq /var/lib/iscsi/nodes "$(command -v iscsiadm)" || iscsi_notes=/var/lib/iscsi

# start_targets PORTAL...: tgtd that listens there
start_targets()
{
	local portals

	# It knows the last --iscsi only.
	portals=$(printf ',portal=%s' "$@")
	daemon tgtd -f --iscsi "${portals#,}"
	wait_until tgtadm --op show --mode sys || skip_all "tgtd doesn't start"
}

# start_initiator: iscsid and udev
start_initiator()
{
	mkdir -p /run/lock/iscsi /run/udev /etc/iscsi
	echo "InitiatorName=$iqn:host" > /etc/iscsi/initiatorname.iscsi
	modprobe -a sd_mod iscsi_tcp
	# In the foreground it would kill all processes of its control group.
	/lib/systemd/systemd-udevd --daemon 2> /dev/null
	daemon iscsid -f
	wait_until grep -q ISCSIADM /proc/net/unix || skip_all "iscsid doesn't start"
	configure "iscsi = 127.0.0.0/8 ::1 $iqn:*"
}

# make_target NUMBER [LUN...]: $iqn:tNUMBER, whose LUNs are $work/tNUMBER.LUN of 16 MiB, open to all
make_target()
{
	local lun

	tgtadm --op new --mode target --tid "$1" -T "$iqn:t$1"
	for lun in "${@:2}"; do make_lun "$1" "$lun"; done
	tgtadm --op bind --mode target --tid "$1" -I ALL
}

# make_lun TARGET LUN [MIB]
make_lun()
{
	truncate -s "${3:-16}M" "$work/t$1.$2" && tgtadm --op new --mode logicalunit --tid "$1" --lun "$2" -b "$work/t$1.$2"
}

# iscsi VERB TARGET LUN [KEY=VALUE...]: by way of the tool
iscsi() { "$tool" "$1" kind=iscsi "iqn=$iqn:t$2" "lun=$3" "portal=$portal" "${@:4}" 2>&1; }

# name_of TARGET LUN: udev's
name_of() { echo "/dev/disk/by-path/ip-$portal-iscsi-$iqn:t$1-lun-$2"; }

# admin TARGET ARGUMENT...: iscsiadm on its node record
admin() { iscsiadm -m node -T "$iqn:t$1" -p "$portal" "${@:2}"; }

# attribute FILE...: of those that are there
attribute() { local file; for file in "$@"; do [ ! -e "$file" ] || cat "$file"; done; }

# what_is_here: sessions, devices, node records and notes, without berth's eyes
what_is_here()
{
	local file text=""

	for file in /sys/class/iscsi_session/*/targetname; do
		[ ! -e "$file" ] || text+=" session:$(< "$file")"
	done
	for file in /sys/class/scsi_disk/*; do
		[ ! -e "$file" ] || text+=" lun:${file##*:}"
	done
	for file in "$iscsi_notes"/nodes/*/*; do
		[ ! -e "$file" ] || text+=" record:$(basename "${file%/*}")"
	done
	for file in "$work"/state/iscsi/*/*; do
		[ ! -e "$file" ] || text+=" note:$(basename "${file%/*}")"
	done
	text=${text//$iqn:/}
	echo "${text# }"
}
