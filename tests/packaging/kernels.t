#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wherever a Debian release has a kernel in its packages, the lab finds it, with its modules.

cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lab/debian-kernel.sh
. tests/lab/debian-kernel.sh
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
trap 'rm -rf "$work"; tap_end' EXIT

# package NAME FILE...: each file has its own path as its content
package()
{
	local tree=$work/tree file

	rm -rf "$tree"
	mkdir -p "$tree/DEBIAN"
	printf '%s\n' "Package: $1" "Version: 1" "Architecture: all" "Maintainer: nobody" "Description: none" > "$tree/DEBIAN/control"
	for file in "${@:2}"; do
		mkdir -p "$tree/${file%/*}"
		echo "$file" > "$tree/$file"
	done
	dpkg-deb --root-owner-group -b "$tree" "$work/$1.deb" > /dev/null
}

# found ROOT: the kernel's version, and the file that is its image
found()
{
	local version

	depmod -b "$1" 7.2-x 2> /dev/null
	version=$(kernel_version "$1")
	[ -n "$version" ] && echo "$version: $(cat "$1/boot/vmlinuz-$version")"
}

package twelve boot/vmlinuz-7.2-x lib/modules/7.2-x/modules.order
package thirteen boot/vmlinuz-7.2-x usr/lib/modules/7.2-x/modules.order
package base usr/lib/modules/7.2-x/modules.order
package binary usr/lib/modules/7.2-x/vmlinuz
package modules usr/lib/modules/7.2-x/kernel/x.ko
ok "Debian 12" unpack "$work/12" "$work/twelve.deb"
prints "a package with boot and lib" "7.2-x: boot/vmlinuz-7.2-x" found "$work/12"
ok "Debian 13" unpack "$work/13" "$work/thirteen.deb"
prints "one with boot and usr/lib" "7.2-x: boot/vmlinuz-7.2-x" found "$work/13"
ok "Debian testing" unpack "$work/14" "$work"/{base,binary,modules}.deb
prints "three, the kernel beside its modules" "7.2-x: usr/lib/modules/7.2-x/vmlinuz" found "$work/14"
ok "whose link leads there wherever the root is" test "$(readlink "$work/14/boot/vmlinuz-7.2-x")" = ../lib/modules/7.2-x/vmlinuz
done_testing
