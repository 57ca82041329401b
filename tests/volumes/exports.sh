# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the storage host offers besides iSCSI (sourced by volumes.sh): AoE by vblade, and a folder by NFS.

# export_aoe SHELF SLOT SIZE: e<SHELF>.<SLOT> on the hosts' eth0
export_aoe()
{
	on storage sh -es "$@" <<-'SH'
	file=/srv/luns/e$1.$2
	truncate -s "$3" "$file"
	vblade "$1" "$2" eth0 "$file" > "/run/vblade-$1.$2.log" 2>&1 < /dev/null &
	echo $! > "/run/vblade-$1.$2.pid"
	SH
}

# stop_aoe SHELF SLOT: it answers no more
stop_aoe()
{
	on storage sh -ec "kill \$(cat /run/vblade-$1.$2.pid); rm /run/vblade-$1.$2.pid"
}

# aoe_raw SHELF SLOT FILE: its data, into FILE of the shared folder
aoe_raw() { on storage cp --sparse=always "/srv/luns/e$1.$2" "$3"; }

# export_nfs: the storage host's folder /srv/nfs, as NFS 4
export_nfs()
{
	on storage sh -e <<-'SH'
	mkdir -p /srv/nfs
	mountpoint -q /srv/nfs || mount -t tmpfs -o mode=755 nfs /srv/nfs
	mountpoint -q /proc/fs/nfsd || { modprobe nfsd; mount -t nfsd nfsd /proc/fs/nfsd; }
	mkdir -p /var/lib/nfs/sm /var/lib/nfs/rpc_pipefs /var/lib/nfs/nfsdcld
	touch /etc/exports /var/lib/nfs/etab /var/lib/nfs/rmtab
	exportfs -o rw,no_root_squash,no_subtree_check,fsid=0 '*:/srv/nfs'
	pgrep -x rpc.mountd > /dev/null || rpc.mountd --no-nfs-version 2 --no-nfs-version 3
	[ "$(cat /proc/fs/nfsd/threads)" = 0 ] || exit 0
	# It knows that there are no clients who might reclaim anything, so that nobody waits for them.
	mountpoint -q /var/lib/nfs/rpc_pipefs || mount -t rpc_pipefs rpc_pipefs /var/lib/nfs/rpc_pipefs
	pgrep -x nfsdcld > /dev/null || nfsdcld
	rpc.nfsd --no-nfs-version 3 --no-udp 4
	SH
}

# mount_nfs HOST FOLDER: the storage host's folder there
mount_nfs() { on "$1" sh -ec "mkdir -p $2; mount -t nfs4 -o soft,timeo=50 ${PORTAL%:*}:/ $2"; }
umount_nfs() { on "$1" umount "$2"; }

# exports_tidy: no AoE device, nothing by NFS
exports_tidy()
{
	on storage sh <<-'SH'
	for file in /run/vblade-*.pid; do [ ! -e "$file" ] || { kill "$(cat "$file")"; rm "$file"; }; done
	[ ! -e /proc/fs/nfsd/threads ] || exportfs -ua
	rm -rf /srv/nfs/*
	SH
}
