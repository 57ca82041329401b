# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Lock managers and libvirt's plugins for them, in lab hosts alone (sourced by lab.sh): their packages would start daemons
# on the machine.

# lock_packages: those that the machine's release has. Debian 12 has lockd in libvirt-daemon; Debian 13 has it apart.
# shellcheck disable=SC2086 # words
lock_packages() { apt-cache pkgnames | grep -xF "$(printf '%s\n' $RELEASE_LOCKS libsanlock1 libsanlock-client1)" | sort; }

# get_lock_managers FOLDER: has the packages in it, from apt if they aren't there yet, or were another libvirt's
get_lock_managers()
{
	local tmp wanted

	[ -n "$(lock_packages)" ] || apt-get update -qq
	wanted="$(lock_packages) $(machine_version libvirt-daemon)"
	[ "$(cat "$1/packages" 2> /dev/null)" != "$wanted" ] || return 0
	mkdir -p "${1%/*}"
	tmp=$(mktemp -d "$1.XXXXXX")
	# shellcheck disable=SC2046 # words
	if or_update download_alone "$tmp" $(lock_packages); then
		echo "$wanted" > "$tmp/packages"
		rm -rf "$1"
		mv -T "$tmp" "$1"
	fi
	rm -rf "$tmp"
	[ -e "$1/packages" ]
}

# lock_managers_unpack HOST: they stay there, and do nothing unless they are started. The root of another release has them.
lock_managers_unpack()
{
	local file

	[ -z "$(release_of "$1")" ] || return 0
	for file in "$LAB_CACHE"/lock-managers/*.deb; do
		dpkg-deb --fsys-tarfile "$file" | on "$1" tar -x --keep-directory-symlink -C / || return
	done
}

# need_lock_managers: for the head of a test: has them in all hosts
need_lock_managers()
{
	local host

	[ -e "$LAB_CACHE/lock-managers/packages" ] || skip_all "apt-get has no lock managers for this libvirt"
	for host in $LAB_HOSTS; do lock_managers_unpack "$host" || skip_all "$host: lock managers can't be unpacked"; done
}

# need_sanlock: the same, for sanlock: it reads and writes leases past the page cache: tmpfs can do that since Linux 6.6.
need_sanlock()
{
	need_lock_managers
	dd if=/dev/zero of="$LAB_DIR/tmp/direct" oflag=direct bs=4096 count=1 status=none 2> /dev/null ||
		skip_all "no direct input and output on this kernel's tmpfs"
}

# sanlock_configure HOST ID FOLDER: libvirt's plugin. A host is taken for dead 8 times the timeout after its last word.
sanlock_configure()
{
	on "$1" tee /etc/libvirt/qemu-sanlock.conf > /dev/null <<-CONF
	auto_disk_leases = 1
	disk_lease_dir = "$3"
	host_id = $2
	io_timeout = 1
	CONF
}

sanlock_answers() { on "$1" sanlock client status; }
# sanlock_start HOST: without a watchdog; unprivileged it leaves the process's limits alone, which containers may not raise
sanlock_start()
{
	on "$1" sh -c 'mkdir -p /run/sanlock && SANLOCK_PRIVILEGED=0 sanlock daemon -w 0 -l 0 -U root -G root' &&
		wait_until sanlock_answers "$1"
}
sanlock_gone() { ! on "$1" pgrep -x sanlock; }
sanlock_stop() { on "$1" sanlock client shutdown -f 1 > /dev/null && wait_until sanlock_gone "$1"; }

# sanlock_major HOST: of its version
sanlock_major() { on "$1" sanlock version | cut -d. -f1; }

# sanlock_leases HOST: how many of its guests hold one
sanlock_leases() { on "$1" sanlock client status | grep -c '^r '; }
# sanlock_leave HOST ID FOLDER: it has no part in the leases any more
sanlock_leave() { on "$1" sanlock client rem_lockspace -s "__LIBVIRT__DISKS__:$2:$3/__LIBVIRT__DISKS__:0"; }
