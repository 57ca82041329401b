# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Initiators, targets and udev, unpacked below a folder and never installed on the machine (sourced): get_storage_tools.
#
# Their packages would start daemons on the machine. What is unpacked here is a root of its own, to be laid over the
# machine's (the upper one of two lower layers of an overlay). What the machine has installed already is not in it.

STORAGE_PACKAGES="open-iscsi tgt vblade aoetools multipath-tools nfs-kernel-server nfs-common udev"
# QEMU's own iSCSI: of the package only what it takes, for its other drivers need half a hundred libraries.
QEMU_PACKAGES=(qemu-block-extra libiscsi7)
# Needed by those only to be started at a machine's boot.
STORAGE_PACKAGES_LEFT_OUT="@(systemd|systemd-*|libpam-systemd|libnss-systemd|libsystemd-shared|initramfs-*|klibc-*|libklibc|linux-base)"

# unpack_over PACKAGE-FILE ROOT: ROOT has /usr merged, and keeps it so
unpack_over() { dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"; }

# empty_root ROOT: as Debian lays it out
empty_root()
{
	local folder

	for folder in bin sbin lib lib64; do
		mkdir -p "$1/usr/$folder" && ln -s "usr/$folder" "$1/$folder" || return
	done
}

# download_missing FOLDER PACKAGE...: them and what they need, unless the machine has it
download_missing()
{
	mkdir -p "$1/partial" && apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=true \
		-o APT::Sandbox::User=root -o Dir::Cache::archives="$1" "${@:2}" > /dev/null
}

# machine_version PACKAGE: what the machine has of it; nothing if it has not
machine_version() { dpkg-query -W -f '${Version}' "$1" 2> /dev/null; }

# download_alone FOLDER PACKAGE...: just them; of QEMU's and libvirt's the version that the machine has: they take no
# other's modules
download_alone()
{
	local folder=$1 package version

	shift
	for package; do
		case $package in
		qemu-*) version=$(machine_version qemu-system-x86) ;;
		libvirt-*) version=$(machine_version libvirt-daemon) ;;
		*) version= ;;
		esac
		(cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "$package${version:+=$version}" > /dev/null) || return
	done
}

# unpack_packages FOLDER ROOT: the packages in FOLDER, but for those that are left out
unpack_packages()
{
	local file name

	empty_root "$2" || return
	for file in "$1"/*.deb; do
		name=${file##*/}
		# shellcheck disable=SC2053 # a pattern
		[[ ${name%%_*} == $STORAGE_PACKAGES_LEFT_OUT ]] || unpack_over "$file" "$2" || return
	done
}

# fetch_storage_tools ROOT: for get_storage_tools
fetch_storage_tools()
{
	local tmp

	# shellcheck disable=SC2086 # words
	set -- "$1" $STORAGE_PACKAGES
	[ "$(cat "$1/packages" 2> /dev/null)" != "$STORAGE_PACKAGES ${QEMU_PACKAGES[*]}" ] || return 0
	tmp=$(mktemp -d "$1.XXXXXX")
	if or_update download_missing "$tmp/archives" "${@:2}" &&
		{ download_alone "$tmp/archives" "${QEMU_PACKAGES[@]}" || echo "${0##*/}: no initiator of QEMU's own: apt-get has none for this QEMU" >&2; } &&
		unpack_packages "$tmp/archives" "$tmp/root" && echo "$STORAGE_PACKAGES ${QEMU_PACKAGES[*]}" > "$tmp/root/packages"; then
		rm -rf "$1"
		chmod 755 "$tmp/root"
		mv -T "$tmp/root" "$1"
	fi
	rm -rf "$tmp"
	[ -e "$1/packages" ] || { echo "${0##*/}: no storage tools: apt-get cannot download $STORAGE_PACKAGES" >&2; return 1; }
}

# get_storage_tools ROOT: has them below ROOT, from apt if they aren't there yet. iscsid, iscsiadm, tgtd, tgtadm, vblade,
# aoe-discover, multipathd, multipath, rpc.nfsd, exportfs, mount.nfs, systemd-udevd, udevadm and what they need;
# QEMU's module for iscsi.
get_storage_tools() { one_at_a_time fetch_storage_tools "$1"; }
