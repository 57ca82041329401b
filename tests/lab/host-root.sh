# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A lab host's own root, whatever kind of host it is (sourced by host-init and uml-init, which set $name and $share).
#
# Few processes: in user-mode Linux each takes tens of milliseconds.

: "${name:?}" "${share:?}"

# forget_the_machine: what the machine itself has configured or logged; the working directory is the new root. Nor does a
# package bring the index of manual pages up to date: in user-mode Linux that takes half a minute.
forget_the_machine()
{
	local hosts

	rm -rf etc/{libvirt,berth,hosts,hostname,resolv.conf} var/lib/{libvirt,berth} var/cache/libvirt var/log var/lib/man-db/auto-update
	mkdir -p etc/libvirt/hooks var/lib var/cache/libvirt/qemu var/log/libvirt/qemu mnt/old
	mkdir -m 711 var/lib/libvirt var/lib/libvirt/images
	sed -i 's/^hosts:.*/hosts: files/' etc/nsswitch.conf
	hosts=$(< "$share/hosts")
	printf '127.0.0.1 localhost\n%s\n' "$hosts" > etc/hosts
	echo "$name" > etc/hostname
}

# link_dev: what programs expect in dev besides devices
link_dev()
{
	ln -sfn /proc/self/fd dev/fd
	ln -sf /proc/self/fd/0 dev/stdin
	ln -sf /proc/self/fd/1 dev/stdout
	ln -sf /proc/self/fd/2 dev/stderr
}

# mount_all "SOURCE FOLDER TYPE OPTIONS"...: FOLDER in the new root
mount_all()
{
	local what source folder rest

	for what; do
		read -r source folder rest <<< "$what"
		echo "$source $PWD/$folder $rest"
	done > mnt/fstab
	mount --all --fstab mnt/fstab
}

mount_kernel_views()
{
	mount_all "proc proc proc defaults" "sys sys sysfs defaults" "run run tmpfs mode=755" "tmp tmp tmpfs mode=1777"
	mkdir -p run/lock run/libvirt ".$share"
}

# mend_qemu QEMU SCRIPT: QEMU by that script. Mounts, so that libvirt finds the age it knows and keeps what it has probed.
mend_qemu()
{
	touch usr/bin/qemu-system-x86_64.real
	mount --bind "$1" usr/bin/qemu-system-x86_64.real
	mount --bind "$2" usr/bin/qemu-system-x86_64
}

# add_programs FILE...: to usr/sbin. Mounts, for the same reason.
add_programs()
{
	local file

	for file; do
		touch "usr/sbin/${file##*/}"
		mount --bind "$file" "usr/sbin/${file##*/}"
	done
}

# enter_root: the old root, and with it every mount of the machine, goes out of sight
enter_root()
{
	pivot_root . mnt/old
	cd /
	umount -l /mnt/old
	hostname "$name"
}

# add_user: whom QEMU runs as; the same numbers in hosts of all releases, for they share files
add_user()
{
	[[ $(< /etc/group) != *kvm:x:* ]] || [[ $(< /etc/group) == *kvm:x:64054:* ]] || sed -i /^kvm:/d /etc/group
	[[ $(< /etc/group) == *kvm:* ]] || echo kvm:x:64054: >> /etc/group
	[[ $(< /etc/group) == *libvirt-qemu:* ]] || echo libvirt-qemu:x:64055:libvirt-qemu >> /etc/group
	[[ $(< /etc/passwd) == *libvirt-qemu:* ]] ||
		echo libvirt-qemu:x:64055:64054::/var/lib/libvirt:/usr/sbin/nologin >> /etc/passwd
}

# become_init: bash reaps whatever becomes its child
become_init()
{
	busybox syslogd -O /var/log/messages
	touch "$share/host/$name/ready"
	sleep infinity &
	wait
}
