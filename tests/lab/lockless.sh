# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A folder that both hosts share by a file system that passes no locks on (sourced by tests, behind lab.sh): each host sees the same
# files through an overlay of its own, which keeps its own locks.

pool=/mnt/pool

# share_without_locks: $pool, in each host
share_without_locks()
{
	local host

	mkdir -p "$LAB_DIR/tmp/pool" "$LAB_DIR/tmp/nothing"
	chmod 777 "$LAB_DIR/tmp/pool"
	for host in $LAB_HOSTS; do
		mkdir -p "$LAB_DIR/tmp/work-$host"
		on "$host" mkdir -p $pool
		on "$host" mount -t overlay -o "index=off,lowerdir=$LAB_DIR/tmp/nothing,upperdir=$LAB_DIR/tmp/pool,workdir=$LAB_DIR/tmp/work-$host" \
			pool $pool || return
	done
}

# unshare_without_locks: when no guest runs
unshare_without_locks()
{
	local host

	for host in $LAB_HOSTS; do on "$host" umount $pool; done
	rm -rf "$LAB_DIR"/tmp/pool "$LAB_DIR"/tmp/work-*
}
