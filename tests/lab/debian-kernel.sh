# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A kernel of Debian's, unpacked below a folder and never installed on the machine (sourced): get_kernel, kernel_version, module_files; one_at_a_time.

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

# depends PACKAGE PATTERN: what it depends on whose name matches
depends() { apt-cache depends "$1" 2> /dev/null | awk -v pattern="$2" '$1 == "Depends:" && $2 ~ pattern { print $2 }'; }

# kernel_packages METAPACKAGE: the package of the kernel that it stands for; since Debian 14 the kernel's image, its
# modules and their index are three more packages.
kernel_packages()
{
	local image

	image=$(depends "$1" '^linux-image-[0-9]' | head -n 1)
	[ -n "$image" ] && echo "$image" && depends "$image" '^linux-(base|binary|modules)-'
}

# or_update CMD...: silent, and again with a new index of apt's where it fails
or_update() { "$@" 2> /dev/null || { apt-get update -qq && "$@"; }; }

# download PACKAGE...: their .debs, into the current folder
download() { apt-get -o APT::Sandbox::User=root download -qq "$@"; }

# unpack ROOT DEB...: where packages have only usr/lib, lib leads there. Since Linux 7.2 the package has the kernel beside its
# modules, and the installation copies it into boot.
unpack()
{
	local deb image version

	for deb in "${@:2}"; do dpkg-deb -x "$deb" "$1" || return; done
	[ -e "$1/lib" ] || ln -s usr/lib "$1/lib"
	mkdir -p "$1/boot"
	for image in "$1"/lib/modules/*/vmlinuz; do
		version=${image%/vmlinuz} version=${version##*/}
		[ ! -e "$image" ] || ln -sf "../lib/modules/$version/vmlinuz" "$1/boot/vmlinuz-$version" || return
	done
}

# one_at_a_time FUNCTION ROOT: FUNCTION ROOT, while nobody else makes that ROOT: two groups of tests may ask at the same time
one_at_a_time()
{
	mkdir -p "${2%/*}"
	(flock 9 && "$@") 9> "$2.lock"
}

# get_kernel METAPACKAGE ROOT: has the kernel below ROOT, from apt if it isn't there yet
get_kernel()
{
	local tmp
	local -a packages

	[ -z "$(kernel_version "$2")" ] || return 0
	mapfile -t packages < <(kernel_packages "$1")
	[ ${#packages[@]} -gt 0 ] || { apt-get update -qq && mapfile -t packages < <(kernel_packages "$1"); }
	[ ${#packages[@]} -gt 0 ] || { echo "${0##*/}: kernel '$1' is unknown to apt; see /etc/apt/sources.list" >&2; return 1; }
	mkdir -p "${2%/*}"
	tmp=$(mktemp -d "$2.XXXXXX")
	if (cd "$tmp" && or_update download "${packages[@]}") &&
		unpack "$tmp/root" "$tmp"/*.deb && depmod -b "$tmp/root" "$(ls "$tmp/root/lib/modules")"; then
		rm -rf "$2"
		mv "$tmp/root" "$2"
	fi
	rm -rf "$tmp"
	[ -n "$(kernel_version "$2")" ]
}

# module_files ROOT VERSION MODULE...: the modules' files, each after those it needs.
module_files()
{
	local module root=$1 version=$2

	for module in "${@:3}"; do
		modprobe -d "$root" -S "$version" --show-depends "$module" || return
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}
