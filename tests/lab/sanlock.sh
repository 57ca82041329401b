# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# sanlock and libvirt's plugin for it, in lab hosts alone (sourced by lab.sh): the package would start a daemon on the machine.

SANLOCK_PACKAGES=(libvirt-sanlock sanlock libsanlock1 libsanlock-client1)

# get_sanlock FOLDER: has the packages in it, from apt if they aren't there yet, or were another libvirt's
get_sanlock()
{
	local tmp wanted

	wanted="${SANLOCK_PACKAGES[*]} $(machine_version libvirt-daemon)"
	[ "$(cat "$1/packages" 2> /dev/null)" != "$wanted" ] || return 0
	mkdir -p "${1%/*}"
	tmp=$(mktemp -d "$1.XXXXXX")
	if download_alone "$tmp" "${SANLOCK_PACKAGES[@]}" 2> /dev/null ||
		{ apt-get update -qq && download_alone "$tmp" "${SANLOCK_PACKAGES[@]}"; }; then
		echo "$wanted" > "$tmp/packages"
		rm -rf "$1"
		mv -T "$tmp" "$1"
	fi
	rm -rf "$tmp"
	[ -e "$1/packages" ]
}

# need_sanlock: for the head of a test. sanlock reads and writes leases past the page cache: tmpfs can do that since Linux 6.6.
need_sanlock()
{
	[ -e "$LAB_CACHE/sanlock/packages" ] || skip_all "apt-get has no sanlock for this libvirt"
	dd if=/dev/zero of="$LAB_DIR/tmp/direct" oflag=direct bs=4096 count=1 status=none 2> /dev/null ||
		skip_all "no direct input and output on this kernel's tmpfs"
}

# sanlock_unpack HOST: it stays there, and does nothing unless it is started
sanlock_unpack()
{
	local file

	for file in "$LAB_CACHE"/sanlock/*.deb; do
		dpkg-deb --fsys-tarfile "$file" | on "$1" tar -x --keep-directory-symlink -C / || return
	done
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
		wait_until 10 sanlock_answers "$1"
}
sanlock_gone() { ! on "$1" pgrep -x sanlock; }
sanlock_stop() { on "$1" sanlock client shutdown -f 1 > /dev/null && wait_until 10 sanlock_gone "$1"; }

# sanlock_leases HOST: how many of its guests hold one
sanlock_leases() { on "$1" sanlock client status | grep -c '^r '; }
# sanlock_leave HOST ID FOLDER: it has no part in the leases any more
sanlock_leave() { on "$1" sanlock client rem_lockspace -s "__LIBVIRT__DISKS__:$2:$3/__LIBVIRT__DISKS__:0"; }
