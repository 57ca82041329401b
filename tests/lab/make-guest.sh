#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make-guest.sh OUTDIR: makes the lab's guest, guest.kernel and guest.initrd, from Debian's kernel and busybox.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LAB_CACHE:-$here/../../build/lab-cache}
drivers="virtio_pci virtio_blk virtio_net"

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

kernel_package()
{
	apt-cache depends linux-image-cloud-amd64 2>/dev/null |
		awk '/Depends: linux-image-[0-9]/ { print $2; exit }'
}

# download_kernel ROOT: unpacks Debian's cloud kernel below ROOT; nothing is installed on the machine.
download_kernel()
{
	local package tmp

	package=$(kernel_package)
	[ -n "$package" ] || { apt-get update -qq && package=$(kernel_package); }
	[ -n "$package" ] || { echo "make-guest: no kernel: linux-image-cloud-amd64 is unknown to apt" >&2; return 1; }
	tmp=$(mktemp -d "$cache/kernel.XXXXXX")
	(cd "$tmp" && { apt-get -o APT::Sandbox::User=root download -qq "$package" || { apt-get update -qq && apt-get -o APT::Sandbox::User=root download -qq "$package"; }; })
	dpkg-deb -x "$tmp"/*.deb "$tmp/root"
	depmod -b "$tmp/root" "$(ls "$tmp/root/lib/modules")"
	rm -rf "$1"
	mv "$tmp/root" "$1"
	rm -rf "$tmp"
}

# driver_files ROOT VERSION: the modules of $drivers, each after those it needs.
driver_files()
{
	local driver

	for driver in $drivers; do
		modprobe -d "$1" -S "$2" --show-depends "$driver"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# build_initrd ROOT VERSION FILE
build_initrd()
{
	local tree file

	tree=$(mktemp -d)
	mkdir -p "$tree"/{bin,proc,sys,dev,modules}
	cp /bin/busybox "$tree/bin/"
	/bin/busybox --list | while read -r file; do
		[ "$file" = busybox ] || ln -s busybox "$tree/bin/$file"
	done
	driver_files "$1" "$2" | while read -r file; do
		cp "$file" "$tree/modules/"
		echo "/modules/${file##*/}"
	done > "$tree/modules/order"
	install -m 755 "$here/guest-init" "$tree/init"
	(cd "$tree" && find . | cpio -o -H newc 2>/dev/null) | lz4 -l -q -9 > "$3"
	rm -rf "$tree"
}

[ $# = 1 ] || { echo "usage: make-guest.sh OUTDIR" >&2; exit 2; }
out=$1
mkdir -p "$out" "$cache"
root=
version=$(kernel_version "$root")
if [ -z "$version" ]; then
	root=$cache/kernel
	version=$(kernel_version "$root")
fi
if [ -z "$version" ]; then
	download_kernel "$root"
	version=$(kernel_version "$root")
fi
build_initrd "$root" "$version" "$out/guest.initrd.$$"
install -m 644 "$root/boot/vmlinuz-$version" "$out/guest.kernel.$$"
mv "$out/guest.kernel.$$" "$out/guest.kernel"
mv "$out/guest.initrd.$$" "$out/guest.initrd"
