#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make-guest.sh OUTDIR: makes the lab's guest, guest.kernel and guest.initrd, from Debian's kernel and busybox.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LAB_CACHE:-$here/../../build/lab-cache}
drivers="virtio_pci virtio_blk virtio_net"

# shellcheck source=tests/lab/debian-kernel.sh
. "$here/debian-kernel.sh"

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
	# shellcheck disable=SC2086 # words
	module_files "$1" "$2" $drivers | while read -r file; do
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
	get_kernel linux-image-cloud-amd64 "$root"
	version=$(kernel_version "$root")
fi
build_initrd "$root" "$version" "$out/guest.initrd.$$"
install -m 644 "$root/boot/vmlinuz-$version" "$out/guest.kernel.$$"
mv "$out/guest.kernel.$$" "$out/guest.kernel"
mv "$out/guest.initrd.$$" "$out/guest.initrd"
