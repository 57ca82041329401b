#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot work is refused before anything moved: one line in the user's virsh, the guest goes on, hostb is as before.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
source=$(images_of hosta)/$guest.qcow2
target=$(images_of hostb)/$guest.qcow2
base=$(base_of hostb)/base.qcow2

# refused WHY REGEX: the migration fails with a line of berth's that matches; hostb is as before, the guest goes on
refused()
{
	local before said line

	before=$(host_snapshot hostb)
	said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
	line=$(grep -o "berth: $guest: .*" <<< "$said")
	like "${line:-$said}" "$2" "$1: refused"
	like "$line" "; " "$1: with a remedy"
	is "$(grep -c . <<< "$line")" 1 "$1: in one line"
	is "$(host_snapshot hostb)" "$before" "$1: hostb is as before"
	ok "$1: the guest goes on" wait_more_ticks $guest 2
}

set_manifest()
{
	virsh_on hosta metadata $guest --live --uri urn:berth:state:1 --key berthstate --set "$1" > /dev/null
}

ok "guest boots" berth_boot hosta $guest
manifest=$(manifest_of hosta $guest)

virsh_on hosta metadata $guest --live --uri urn:berth:state:1 --remove > /dev/null
refused "no manifest" "disk 'vda': '$target' is not on this host, and the guest brings no manifest; run 'berth sync vm1'"
on hosta berth sync $guest > /dev/null

set_manifest "$(sed "s,vm1.qcow2,vm1-old.qcow2," <<< "$manifest")"
refused "a snapshot since" "disk 'vda': the guest uses '$source', its manifest says .*vm1-old.qcow2.*berth sync vm1"
on hosta berth sync $guest > /dev/null

on hostb mv "$base" /srv/hidden
refused "base image absent" "disk 'vda': base image 'base.qcow2' is not on this host; copy .* from host 'hosta'"
on hostb cp /srv/hidden "$base"
on hostb chown libvirt-qemu:kvm "$base"
on hostb sh -c "printf X | dd of=$base bs=1 seek=300000 conv=notrunc status=none; touch -r /srv/hidden $base"
refused "one byte of the base image differs" "disk 'vda': base image: '$base' on this host has other content than '$(base_of hosta)/base.qcow2' on host 'hosta' .*; copy the latter here"
on hostb mv /srv/hidden "$base"

on hostb touch "$target"
refused "target exists" "disk 'vda': '$target' exists on this host and is not from this migration; move it away"
on hostb rm "$target"
on hostb ln -s /nowhere "$target"
refused "target is a dangling link" "disk 'vda': .*'$target'"
on hostb rm "$target"

write_conf hostb <<< "[images]
roots = /srv/vm
base = /srv/base
[bridges]
br0 = br-lan"
refused "path outside the roots" "disk 'vda': .*'$source'.*"
on hostb sh -c 'mkdir -p /elsewhere && ln -s /elsewhere /srv/vm/out'
berth_conf hostb
on hostb sed -i 's,^/var/lib.*,/var/lib/libvirt/images = /srv/vm/out,' /etc/berth/berth.conf
refused "a link leads out of the roots" "disk 'vda': .*/srv/vm/out.*/elsewhere"
on hostb rm -r /srv/vm/out /elsewhere

write_conf hostb <<< "[paths]
/var/lib/libvirt/images = /srv/vm
[images]
roots = /srv/vm
base = /srv/base"
refused "bridge absent" "interface '52:54:00:00:00:01': bridge 'br0' is not on this host; make it, or map"

berth_conf hostb "[limits]
disk_reserve_mib = 100000"
refused "not enough disk" "not enough disk below '/srv/vm': the guest's images need 128 MiB"

berth_conf hostb "[images]
rots = /srv/vm"
refused "a configuration error" "/etc/berth/berth.conf:9: unknown key 'rots' in \[images\]; "
berth_conf hostb

ok "and then it migrates" moved hosta $guest hostb
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
done_testing
