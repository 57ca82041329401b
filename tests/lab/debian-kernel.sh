# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A kernel of Debian's, unpacked below a folder and never installed on the machine (sourced): get_kernel, get_uml, kernel_version, module_files.

# kernel_version ROOT: the newest kernel below ROOT that has its modules beside it.
kernel_version()
{
	local image version newest=

	for image in "$1"/boot/vmlinuz-*; do
		version=${image##*/vmlinuz-}
		[ -r "$image" ] && [ -r "$1/lib/modules/$version/modules.dep" ] && newest=$version
	done
	echo "$newest"
}

# kernel_package METAPACKAGE: the package of the kernel that it stands for
kernel_package()
{
	apt-cache depends "$1" 2>/dev/null | awk '/Depends: linux-image-[0-9]/ { print $2; exit }'
}

# download PACKAGE: its .deb, into the current folder
download() { apt-get -o APT::Sandbox::User=root download -qq "$1"; }

# get_kernel METAPACKAGE ROOT: has the kernel below ROOT, from apt if it isn't there yet
get_kernel()
{
	local package tmp

	[ -z "$(kernel_version "$2")" ] || return 0
	package=$(kernel_package "$1")
	[ -n "$package" ] || { apt-get update -qq && package=$(kernel_package "$1"); }
	[ -n "$package" ] || { echo "${0##*/}: kernel '$1' is unknown to apt; see /etc/apt/sources.list" >&2; return 1; }
	mkdir -p "${2%/*}"
	tmp=$(mktemp -d "$2.XXXXXX")
	if (cd "$tmp" && { download "$package" || { apt-get update -qq && download "$package"; }; }) &&
		dpkg-deb -x "$tmp"/*.deb "$tmp/root" && depmod -b "$tmp/root" "$(ls "$tmp/root/lib/modules")"; then
		rm -rf "$2"
		mv "$tmp/root" "$2"
	fi
	rm -rf "$tmp"
	[ -n "$(kernel_version "$2")" ]
}

# get_uml ROOT: has Debian's user-mode Linux below ROOT: usr/bin/linux.uml, and its modules in lib/modules, as others are
get_uml()
{
	local tmp

	[ ! -x "$1/usr/bin/linux.uml" ] || return 0
	mkdir -p "${1%/*}"
	tmp=$(mktemp -d "$1.XXXXXX")
	if (cd "$tmp" && { download user-mode-linux || { apt-get update -qq && download user-mode-linux; }; }) &&
		dpkg-deb -x "$tmp"/*.deb "$tmp/root" && mkdir "$tmp/root/lib" && ln -s ../usr/lib/uml/modules "$tmp/root/lib/modules" &&
		depmod -b "$tmp/root" "$(ls "$tmp/root/lib/modules")"; then
		rm -rf "$1"
		chmod 755 "$tmp/root"
		mv -T "$tmp/root" "$1"
	fi
	rm -rf "$tmp"
	[ -x "$1/usr/bin/linux.uml" ]
}

# module_files ROOT VERSION MODULE...: the modules' files, each after those it needs.
module_files()
{
	local module root=$1 version=$2

	for module in "${@:3}"; do
		modprobe -d "$root" -S "$version" --show-depends "$module" || return
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}
