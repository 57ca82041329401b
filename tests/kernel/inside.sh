#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Process 1 of the virtual machine, in its root: does the job of /run/job; output and exit status go out by virtio ports.

folder=/
job=(false)

# port_of NAME: its device, which the kernel makes in the background
port_of()
{
	local tries file name

	for ((tries = 0; tries < 500; tries++)); do
		for file in /sys/class/virtio-ports/*/name; do
			read -r name < "$file" || continue
			[ "$name" != "$1" ] || { file=${file%/name}; echo "/dev/${file##*/}"; return 0; }
		done 2> /dev/null
		sleep 0.02
	done
	echo "no port '$1'" >&2
	return 1
}

prepare()
{
	mkdir -p /dev/pts /dev/shm /dev/net
	mknod /dev/net/tun c 10 200
	mount -t devpts devpts /dev/pts
	mount -t tmpfs -o mode=1777 tmpfs /dev/shm
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	ln -sf /proc/self/fd /dev/fd
	ln -sf fd/0 /dev/stdin
	ln -sf fd/1 /dev/stdout
	ln -sf fd/2 /dev/stderr
	mkdir -p /run/lock /run/user
	echo /sbin/modprobe > /proc/sys/kernel/modprobe
	echo kernel-tests > /proc/sys/kernel/hostname
	ip link set lo up
}

output=$(port_of output) || exec busybox poweroff -f
status=$(port_of status) || exec busybox poweroff -f
prepare
# shellcheck disable=SC1091 # written by tests/kernel/run: folder, job, environment
. /run/job
exec 3> "$status"
read -r up _ < /proc/uptime
echo "up $up" >&3
# A port can be opened only once; programs may open /dev/stderr anew, which works with a pipe.
(cd "$folder" && exec "${job[@]}" 3>&- < /dev/null) 2>&1 | cat > "$output" 3>&-
echo "exit ${PIPESTATUS[0]}" >&3
exec 3>&-
exec busybox poweroff -f
