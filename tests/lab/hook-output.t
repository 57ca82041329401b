#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt accepts all that berth prints at `migrate begin` and `restore begin`, though from 10.0 on it judges that as it does a new
# domain; and where there is nothing to change berth prints nothing: libvirt calls no such guest tainted.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
later=/etc/libvirt/hooks/qemu.d/later

# later_hook SCRIPT: on hostb, a hook behind berth's; $LAB_DIR/tmp/hook.xml is what it is given
later_hook()
{
	on hostb sh -c "cat > $later && chmod 755 $later" <<-SCRIPT
	#!/bin/sh
	case \$2 in migrate | restore) ;; *) exit 0 ;; esac
	cat > $LAB_DIR/tmp/hook.xml
	$1
	SCRIPT
}
# taints HOST: how often libvirt has said there that a hook has changed the guest
taints() { matching "name='$guest'.* is tainted: hook-script" on "$1" cat /var/log/libvirt/libvirtd.log | grep -c . || :; }
manifest_names_image() { [ "$(manifest_of "$1" $guest path)" = "$(images_of "$1")/$guest.qcow2" ]; }
# said_by_libvirt: of the guest that a later hook's output keeps away from hostb
said_by_libvirt() { ! migrate hosta $guest hostb 2>&1 || echo "it moved"; }
# changed HOST WHAT CMD...: this brings the guest, as berth has printed it
changed()
{
	local before xml

	before=$(taints "$1")
	ok "$1: $2" "${@:3}"
	is "$(taints "$1")" $((before + 1)) "$1: $2: libvirt has taken what berth has printed"
	xml=$(virsh_on "$1" dumpxml $guest)
	like "$xml" "<source file='$(images_of "$1")/${guest}[.]qcow2'" "$1: $2: with this host's path"
	like "$xml" "<source bridge='$(bridge_of "$1")'" "$1: $2: its bridge"
	like "$xml" "listen='$(address_of "$1")'" "$1: $2: and its address"
}
for host in hosta hostb; do berth_conf $host "[graphics]
listen = $(address_of $host)"; done
ok "guest boots" berth_boot hosta $guest devices="<graphics type='vnc' autoport='yes' listen='$(address_of hosta)'/>"
# The check is alive.
later_hook 'echo "warning: the weather is bad"'
like "$(said_by_libvirt)" "Start tag expected" "libvirt takes no other text from a hook"
ok "hostb is cleared" wait_settled hostb
later_hook "sed \"s/<target dev='vda'/<target tray='open' dev='vda'/\" $LAB_DIR/tmp/hook.xml"
! libvirt_is_at_least 10.0 hostb || like "$(said_by_libvirt)" "tray is only valid for cdrom" "nor what it would not define, from 10.0 on"
ok "hostb is cleared again" wait_settled hostb
later_hook 'echo; echo "warning: the weather is bad" >&2'
changed hostb "moved" moved hosta $guest hostb
on hostb rm $later
ok "hostb: it is saved" virsh_on hostb save $guest "$LAB_DIR/tmp/saved"
virsh_on hostb save-image-dumpxml --security-info "$LAB_DIR/tmp/saved" |
	sed "s,/srv/vm/$guest,/var/lib/libvirt/images/$guest,; s,br-lan,br0," > "$LAB_DIR/tmp/theirs.xml"
changed hostb "restored by hosta's names" virsh_on hostb restore "$LAB_DIR/tmp/saved" --xml "$LAB_DIR/tmp/theirs.xml" --paused
ok "hostb: berth sync waits until it runs" wait_until on hostb test -e "/var/lib/berth/leaving/$(virsh_on hostb domuuid $guest)"
ok "hostb: it is resumed" virsh_on hostb resume $guest
ok "hostb: it counts" wait_more_ticks $guest 2
ok "hostb: its manifest has this host's path" wait_until manifest_names_image hostb
changed hosta "moved back" moved hostb $guest hosta
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"

# Nothing in it has another name elsewhere.
ok "a guest without disk and interface" guest_define hosta vm2 vda='' nic=''
ok "starts" guest_start hosta vm2
for way in "hosta hostb" "hostb hosta"; do
	ok "$way: it moves" on "${way% *}" virsh -q -c "$(uri_of "${way% *}")" migrate --live vm2 "$(uri_of "${way#* }")"
	prints "$way: berth has printed nothing" "" matching "name='vm2'.* is tainted: hook-script" on "${way#* }" cat /var/log/libvirt/libvirtd.log
done
done_testing
