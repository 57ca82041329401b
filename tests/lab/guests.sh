# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Guests in the lab (sourced by lab.sh): define, start, migrate, and the proof that none lost a tick.

LAB_CMDLINE="console=ttyS0 quiet nokaslr mitigations=off no_timer_check tsc=reliable 8250.nr_uarts=1 cryptomgr.notests random.trust_cpu=on"

# console_of NAME: the file that a guest writes to, wherever it runs
console_of() { echo "$LAB_DIR/console/$1"; }

# disk_xml TARGET PATH [FORMAT]
disk_xml()
{
	cat <<-XML
	<disk type='file' device='disk'>
	 <driver name='qemu' type='${3:-qcow2}'/><source file='$2'/><target dev='$1' bus='virtio'/>
	</disk>
	XML
}

# nic_xml BRIDGE MAC
nic_xml()
{
	cat <<-XML
	<interface type='bridge'>
	 <mac address='$2'/><source bridge='$1'/><model type='virtio'/><rom enabled='no'/>
	</interface>
	XML
}

# guest_xml HOST NAME [OPTION=VALUE]...: domain XML for HOST.
# Options: image= uuid= mac= bridge= ip= (guest's address/length) memory= (MiB)
#   disk=TARGET:PATH (again and again)  devices=XML  metadata=XML  nic=XML (instead of the bridge's; nic= for none)
#   features=XML (instead of ACPI, without which a guest loses disks when one is plugged in, and QEMU 11 leaves PCIe devices
#   asleep)  vda=XML (instead of the image; vda= for none)
guest_xml()
{
	local host=$1 name=$2 option image bridge mac=52:54:00:00:00:01 memory=96 nic=default vda=default
	local uuid='' ip='' disks='' devices='' metadata='' features='<acpi/>'

	shift 2
	image=$(images_of "$host")/$name.qcow2
	bridge=$(bridge_of "$host")
	for option; do
		case ${option%%=*} in
		disk) option=${option#*=}; disks+=$(disk_xml "${option%%:*}" "${option#*:}") ;;
		image | uuid | mac | bridge | ip | memory | devices | metadata | nic | features | vda)
			printf -v "${option%%=*}" %s "${option#*=}" ;;
		*) echo "guest_xml: unknown option '$option'" >&2; return 2 ;;
		esac
	done
	[ "$nic" != default ] || nic=$(nic_xml "$bridge" "$mac")
	[ "$vda" != default ] || vda=$(disk_xml vda "$image")
	cat <<-XML
	<domain type='qemu'>
	 <name>$name</name>${uuid:+<uuid>$uuid</uuid>}
	 ${metadata:+<metadata>$metadata</metadata>}
	 <memory unit='MiB'>$memory</memory><vcpu>1</vcpu>
	 $(vcpu_tune)
	 <os>
	  <type arch='x86_64' machine='${LAB_Q35:-q35}'>hvm</type>
	  <kernel>$LAB_DIR/guest.kernel</kernel><initrd>$LAB_DIR/guest.initrd</initrd>
	  <cmdline>$LAB_CMDLINE${ip:+ guestip=$ip}</cmdline>
	 </os>
	 ${features:+<features>$features</features>}
	 <cpu mode='custom'><model>qemu64</model></cpu>
	 <devices>
	  <emulator>/usr/bin/qemu-system-x86_64</emulator>
	  $vda $disks $nic
	  $(console_xml "$name")
	  <controller type='usb' model='none'/><memballoon model='none'/><video><model type='none'/></video>
	  $devices
	 </devices>
	</domain>
	XML
}

# guest_define HOST NAME [OPTION=VALUE]...: as guest_xml; makes the overlay for vda too, unless it is there
guest_define()
{
	local host=$1 name=$2 option image

	image=$(images_of "$host")/$name.qcow2
	for option in "${@:3}"; do
		case $option in image=*) image=${option#*=} ;; esac
	done
	on "$host" test -e "$image" || image_create "$host" "$image" || return
	guest_xml "$@" | virsh_on "$host" define /dev/stdin > /dev/null
}

guest_start() { virsh_on "$1" start "$2" > /dev/null; }
guest_state() { virsh_on "$1" domstate "$2" 2> /dev/null | head -1; }

# guest_boot HOST NAME [OPTION=VALUE]...: defines it, starts it, waits for its third tick
guest_boot() { guest_define "$@" && guest_start "$1" "$2" && wait_tick "$2" 3; }

# guest_destroy HOST NAME: pulls its plug; its definition stays
guest_destroy() { virsh_on "$1" destroy "$2" > /dev/null; }

# last_tick NAME: the newest number on its console
last_tick() { awk '/^tick [0-9]+ [0-9]/ { n = $2 } END { print n + 0 }' "$(console_of "$1")" 2> /dev/null; }

ticked() { [ "$(last_tick "$1")" -ge "$2" ]; }

# wait_tick NAME N: until the guest, wherever it runs, has counted to N
wait_tick() { wait_until ticked "$1" "$2"; }

# wait_more_ticks NAME N: until it has counted N further from now
wait_more_ticks() { wait_tick "$1" $(($(last_tick "$1") + $2)); }

# check_ticks FILE: no gap, no repetition, no complaint; prints the number of lost ticks, complaints to stderr
check_ticks()
{
	tr -d '\r\0' < "$1" | awk '
		/^resume-from [0-9]+/ { if ($2 < n) lost += n - $2; n = $2 }
		/^tick [0-9]+ [0-9]/ {
			if ($2 != n + 1) { print "tick " $2 " after " n > "/dev/stderr"; lost += $2 > n ? $2 - n - 1 : n - $2 + 1 }
			n = $2; next
		}
		/BROKEN|BUG:|Oops|panic|I\/O error/ { print > "/dev/stderr"; broken++ }
		END { print lost + 0; exit n < 1 || lost > 0 || broken > 0 }'
}

# migrate FROM NAME TO [VIRSH-OPTION]...: live, with the storage that is not shared
migrate()
{
	on "$1" timeout -k 5 "${MIGRATE_SECONDS:-120}" virsh -q -c "$(uri_of "$1")" migrate --live --copy-storage-inc "${@:4}" "$2" "$(uri_of "$3")"
}

# started_can_move FROM TO: those that FROM's QEMU has started. QEMU 10.0.13's can't move to 11.1: ../../docs/tested-with.md
qemu_is() { on "$1" qemu-system-x86_64 --version | grep -qE "^QEMU emulator version $2\."; }
started_can_move() { ! { qemu_is "$1" '10\.0' && qemu_is "$2" 11; }; }

# downtime_ms HOST NAME: of the last migration to HOST
downtime_ms() { virsh_on "$1" domjobinfo "$2" --completed | awk '/^Total downtime:/ { print $3 }'; }

# guest_wipe NAME: destroys and undefines it on every host and removes its images and its console
guest_wipe()
{
	local host

	for host in $LAB_HOSTS; do
		virsh_on "$host" destroy "$1"
		virsh_on "$host" undefine "$1"
		on "$host" sh -c "rm -f $(images_of "$host")/$1.qcow2 $(images_of "$host")/$1-*.qcow2"
	done > /dev/null 2>&1
	console_close "$1"
	rm -f "$(console_of "$1")"
}

# lab_tidy_more: what a library on top of this one has to tidy up besides
lab_tidy_more() { :; }

# lab_tidy: every guest and every image of every host goes, every libvirtd runs again
lab_tidy()
{
	local host name

	for host in $LAB_HOSTS; do libvirtd_answers "$host" || libvirtd_start "$host"; done > /dev/null 2>&1
	for host in $LAB_HOSTS; do virsh_on "$host" list --all --name; done | sort -u | while read -r name; do
		[ -z "$name" ] || guest_wipe "$name" < /dev/null
	done
	for host in $LAB_HOSTS; do
		on "$host" find "$(images_of "$host")" -type f ! -name base.qcow2 -delete
	done
	lab_tidy_more
}
