# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of volumes at libvirt's events share (sourced, after tap.sh): targets on this machine, the hook, a guest.

[ -e /run/fresh-host ] || skip_all "not in a host of its own; use tests/initiator/run"
build=${root:?}/${BERTH_BUILD:-build}
[ -x "$build/berth-event" ] || skip_all "no $build/berth-event; make"
# shellcheck source=tests/gate-mark.sh
. "$root/tests/gate-mark.sh"
# shellcheck source=tests/wait-until.sh
. "${root:?}/tests/wait-until.sh"
WAIT_PAUSE=0.2
work=$(mktemp -d)
log=$work/log
uuid=0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f1
portal=127.0.0.1:3260

# name_of N: the target's; path_of N: udev's name of its LUN 1
name_of() { echo "iqn.2026-11.lab:t$1"; }
path_of() { echo "/dev/disk/by-path/ip-$portal-iscsi-$(name_of "$1")-lun-1"; }

# start_daemons: udev, the initiator, the target; each with a log of its own
start_daemons()
{
	mkdir -p /run/lock/iscsi /run/libvirt/qemu /etc/iscsi /usr/libexec/berth
	ln -sf "$build/berth-event" /usr/libexec/berth/berth-event
	echo InitiatorName=iqn.2026-11.lab:host > /etc/iscsi/initiatorname.iscsi
	busybox syslogd -O "$log" -S
	modprobe -a iscsi_tcp sd_mod
	/lib/systemd/systemd-udevd --daemon > /dev/null 2>&1
	iscsid
	tgtd
	wait_until tgtadm --lld iscsi --mode sys --op show
}

# target N [MIB]: a target with LUN 1
target()
{
	truncate -s "${2:-8}M" "$work/t$1"
	tgtadm --lld iscsi --mode target --op new --tid "$1" -T "$(name_of "$1")"
	tgtadm --lld iscsi --mode logicalunit --op new --tid "$1" --lun 1 -b "$work/t$1"
	tgtadm --lld iscsi --mode target --op bind --tid "$1" -I ALL
}

# configure LINE...: of [volumes]; the images lie below $work
configure()
{
	mkdir -p /etc/berth "$work/vm"
	printf '%s\n' "[images]" "roots = $work/vm" "[volumes]" "$@" > /etc/berth/berth.conf
}

# have_gate: as if this shell were a libvirtd with berth.so
have_gate()
{
	mkdir -p /run/berth
	gate_mark_text > /run/berth/gate
}

# disk TARGET PATH [MORE]: as XML
disk() { echo "<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='$2'/><target dev='$1'/>${3:-}</disk>"; }
# volume TARGET N PATH [ATTRIBUTES]: of target N, as the manifest has it
volume()
{
	echo "<s:volume target='$1' path='$3' driver='iscsi' portals='$portal' iqn='$(name_of "$2")' lun='1' ${4:-}/>"
}

# xml DISKS [VOLUMES]: the guest; without VOLUMES it has no manifest. NAME, UUID: another guest
xml()
{
	echo "<domain type='kvm'><name>${NAME:-vm1}</name><uuid>${UUID:-$uuid}</uuid>"
	[ -z "${2:-}" ] || echo "<metadata><s:state xmlns:s='urn:berth:state:1' host='hosta' uri='qemu+tls://hosta/system'" \
		"written='2026-11-24T10:20:00Z'>$2</s:state></metadata>"
	echo "<devices>$1</devices></domain>"
}

# hook EVENT SUBEVENT [EXTRA]: with the XML of $guest
hook()
{
	local status=0

	echo "${guest:?}" > "$work/xml"
	"$build/berth-hook" "${NAME:-vm1}" "$1" "$2" "${3:--}" < "$work/xml" > "$work/out" 2> "$work/err" || status=$?
	cat "$work/err"
	return $status
}

# refused EVENT SUBEVENT: by the hook, not by accident
refused() { hook "$@" > /dev/null; [ $? = 1 ]; }
# printed: the last hook's new XML; said: its errors
printed() { cat "$work/out"; }
said() { cat "$work/err"; }

# state: all that berth, or the initiator, has of volumes
state()
{
	ls /sys/block /sys/class/iscsi_session
	(cd /var/lib/berth 2> /dev/null && find . -type f ! -name '*lock' ! -path './watch/*' | sort)
	find /etc/iscsi/nodes /var/lib/iscsi/nodes -type f 2> /dev/null
}
# record TARGET: "STATE" of the guest's record
record() { sed -n "s/^volume.target=$1\t.*state=\([a-z]*\)\t.*/\1/p" "/var/lib/berth/volumes/${UUID:-$uuid}" 2> /dev/null; }
# fenced N
fenced() { [ "$(blockdev --getro "$(path_of "$1")")" = 1 ]; }

trap tap_end EXIT
