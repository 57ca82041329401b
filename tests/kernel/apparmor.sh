# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# AppArmor's parser and libvirtd's profiles, unpacked below a folder and never installed on the machine (sourced): get_apparmor.

# Debian 12 has the profiles in libvirt-daemon-system, newer releases in libvirt-daemon, which the tests need anyway.
APPARMOR_PACKAGES=(apparmor libvirt-daemon-system libvirt-daemon)

# unpack_apparmor FOLDER ROOT: of libvirt's packages in FOLDER the profiles alone
unpack_apparmor()
{
	local file

	empty_root "$2" && unpack_over "$(echo "$1"/apparmor_*.deb)" "$2" || return
	for file in "$1"/libvirt-*.deb; do
		dpkg-deb --fsys-tarfile "$file" | tar -x --keep-directory-symlink -C "$2" --wildcards './etc/apparmor.d/*' 2> /dev/null
	done
	[ -e "$2/etc/apparmor.d/usr.sbin.libvirtd" ]
}

# fetch_apparmor ROOT: for get_apparmor
fetch_apparmor()
{
	local tmp wanted

	wanted="${APPARMOR_PACKAGES[*]} $(machine_version libvirt-daemon)"
	[ "$(cat "$1/packages" 2> /dev/null)" != "$wanted" ] || return 0
	tmp=$(mktemp -d "$1.XXXXXX")
	if or_update download_alone "$tmp" "${APPARMOR_PACKAGES[@]}" && unpack_apparmor "$tmp" "$tmp/root"; then
		echo "$wanted" > "$tmp/root/packages"
		rm -rf "$1"
		chmod 755 "$tmp/root"
		mv -T "$tmp/root" "$1"
	fi
	rm -rf "$tmp"
	[ -e "$1/packages" ] || { echo "${0##*/}: no AppArmor: apt-get cannot download ${APPARMOR_PACKAGES[*]}" >&2; return 1; }
}

# get_apparmor ROOT: has the parser and the profiles below ROOT, from apt if they aren't there yet, or were another libvirt's
get_apparmor() { one_at_a_time fetch_apparmor "$1"; }
