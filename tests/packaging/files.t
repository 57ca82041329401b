#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make install, make uninstall and make deb: the same files, in the right places, with the right modes.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
unset MAKEFLAGS MAKELEVEL
root=$(mktemp -d)
expected=$(cat packaging/installed-files)
deb=${BERTH_DEB:-$(find build -maxdepth 1 -name 'berth_*.deb')}

# packaged: the package's files as list-installed prints them; a package has two more, and compressed man pages
packaged()
{
	dpkg-deb -x "$deb" "$root/deb"
	scripts/list-installed "$root/deb" | grep -vE '/(copyright|changelog.gz)$' | sed 's/\.gz$//'
}

install_in() { (umask 077 && make -s install DESTDIR="$1" "${@:2}"); }

ok "make install, with a narrow umask" install_in "$root/one"
is "$(scripts/list-installed "$root/one")" "$expected" "files and modes are those of packaging/installed-files"
prints "all may enter the other folders" "" find "$root/one" -type d ! -perm -555 ! -name secrets ! -path '*/lib/berth' -printf '%P\n'
echo "# mine" > "$root/one/etc/berth/berth.conf"
echo secret > "$root/one/etc/berth/secrets/chap"
ok "once more" install_in "$root/one"
is "$(cat "$root/one/etc/berth/berth.conf")" "# mine" "keeps berth.conf"
ok "make uninstall" make -s uninstall DESTDIR="$root/one"
is "$(find "$root/one" ! -type d -printf '%P\n' | sort)" "etc/berth/berth.conf
etc/berth/secrets/chap
etc/libvirt/qemu-berth.conf" "leaves the configuration and the secrets, nothing else"
ok "the package is there" test -e "$deb"
is "$(packaged)" "$expected" "and it has the same files"
owners() { dpkg-deb -c "$deb" | awk '{ print $2 }' | sort -u; }
prints "all of them root's" root/root owners
like "$(dpkg-deb -f "$deb" Depends)" "libc6 .*libnl-3-200 .*libnl-route-3-200 .*libxml2[ -].*libvirt-daemon-driver-qemu .*qemu-utils" "it depends on what it uses"
is "$(dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./conffiles)" "/etc/berth/berth.conf
/etc/libvirt/qemu-berth.conf" "its conffiles"
rm -r "$root"
done_testing
