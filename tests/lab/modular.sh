# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Lab hosts with libvirt's modular daemons (sourced by lab.sh where LAB_DAEMONS is modular): virtqemud, virtnetworkd, virtproxyd.
#
# Debian builds them and leaves them out of its packages. So they are built from Debian's own source package of the very version
# that the host has, once, in $LAB_CACHE/modular, in a root that is the host's under an overlay in memory: neither the machine
# nor a release's root gets anything. Only the daemons are kept: they run with the libvirt libraries and drivers of Debian's packages.

MODULAR_DAEMONS="virtqemud virtnetworkd virtproxyd"
MODULAR_PACKAGES="gcc libc6-dev dpkg-dev meson ninja-build perl python3-docutils xsltproc libxml2-utils libxml2-dev libglib2.0-dev
	libgnutls28-dev libyajl-dev libjson-c-dev libtirpc-dev libacl1-dev libnl-3-dev libnl-route-3-dev"
# What no such daemon is without, whichever libvirt it is; all else is off.
MODULAR_OPTIONS="--prefix=/usr --sysconfdir=/etc --localstatedir=/var -Drunstatedir=/run --buildtype=plain --auto-features=disabled
	-Ddriver_remote=enabled -Ddriver_libvirtd=enabled -Ddriver_qemu=enabled -Ddriver_network=enabled -Dlibnl=enabled
	-Ddocs=disabled -Dtests=disabled"

# modular_libvirt ROOT: the source package and its version
modular_libvirt() { dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${source:Package}=${source:Version}\n' libvirt-daemon; }
# modular_folder RELEASE: where its daemons are; empty: the machine's
modular_folder() { echo "$LAB_CACHE/modular/$(modular_libvirt "${1:+$(release_root "$1")}")"; }

# modular_scratch_root ROOT CMD...: CMD in a copy of ROOT that goes with it
modular_scratch_root()
{
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --fork --kill-child --mount-proc bash -ec '
		tmp=$1 lower=$2
		shift 2
		mount -t tmpfs -o size=6G modular "$tmp"
		mkdir "$tmp/upper" "$tmp/work" "$tmp/root"
		mount -t overlay -o "lowerdir=$lower,upperdir=$tmp/upper,workdir=$tmp/work" modular "$tmp/root"
		cd "$tmp/root"
		mount -t proc proc proc
		mount --bind /dev dev
		mount -t tmpfs tmp tmp
		printf "#!/bin/sh\nexit 101\n" > usr/sbin/policy-rc.d
		chmod 755 usr/sbin/policy-rc.d
		exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
		' modular_scratch_root "$LAB_CACHE/modular/scratch" "$1" "${@:2}" < /dev/null
}

# modular_build SOURCE=VERSION: in the scratch root; a tar of the daemons goes to descriptor 3
# shellcheck disable=SC2016,SC2086 # apt's variables; words
modular_build()
{
	local json sources=(-qq -o Dir::Etc::sourcelist=/root/libvirt/sources.list -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root)

	mkdir /root/libvirt
	cd /root/libvirt || return
	apt-get update -qq
	apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 $MODULAR_PACKAGES
	apt-get indextargets --format 'deb-src $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' > sources.list
	apt-get update "${sources[@]}"
	apt-get source "${sources[@]}" "$1"
	cd libvirt-*/ || return
	for json in yajl json_c; do ! grep -q "option('$json'" meson_options.txt meson.options 2> /dev/null || break; done
	meson setup build --libdir="lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" $MODULAR_OPTIONS -D$json=enabled
	ninja -C build ${MODULAR_DAEMONS//virt/src/virt}
	strip ${MODULAR_DAEMONS//virt/build/src/virt}
	tar -C build/src -c $MODULAR_DAEMONS >&3
}

# modular_recipe: what makes them
modular_recipe() { declare -p MODULAR_DAEMONS MODULAR_PACKAGES MODULAR_OPTIONS && declare -f modular_build; }
modular_is_there() { [ -d "$1" ] && modular_recipe | cmp -s - "$1.recipe"; }

# make_modular RELEASE: for get_modular
make_modular()
{
	local folder began=$SECONDS root=/

	folder=$(modular_folder "$1")
	[ -z "$1" ] || root=$(release_root "$1")
	rm -rf "$folder" "$folder.new"
	mkdir "$folder.new"
	echo "${0##*/}: builds ${MODULAR_DAEMONS// /, } of ${folder##*/}: some minutes, once" >&2
	modular_recipe > "$folder.recipe"
	if modular_scratch_root "$root" bash -ec "$(modular_recipe); modular_build ${folder##*/}" 3> "$folder.tar" > "$folder.log" 2>&1 &&
		tar -C "$folder.new" -xf "$folder.tar" && mv -T "$folder.new" "$folder"; then
		rm -f "$folder.tar"
		echo "Seconds: $((SECONDS - began))" >> "$folder.log"
	else
		tail -n 20 "$folder.log" >&2
		rm -rf "$folder.new" "$folder.tar"
		echo "${0##*/}: libvirt's modular daemons can't be built; see $folder.log" >&2
		return 1
	fi
}

# get_modular: has the daemons for all hosts; another lab that makes them is waited for
get_modular()
{
	local host release folder lock

	mkdir -p "$LAB_CACHE/modular/scratch"
	for host in $LAB_HOSTS; do
		release=$(release_of "$host")
		folder=$(modular_folder "$release")
		exec {lock}>> "$folder.lock"
		flock "$lock"
		modular_is_there "$folder" || make_modular "$release" || return
		exec {lock}>&-
	done
}

# --- in a host, in place of what libvirtd.sh has for libvirtd ---

# shellcheck disable=SC2034 # libvirtd.sh and tests use them
LAB_DAEMON=virtqemud
# shellcheck disable=SC2034
LAB_MODULAR=1
# shellcheck disable=SC2034
LAB_DAEMON_PROCESSES="socket-activate|virtqemud|virtnetworkd|virtproxyd"

# daemons_configure HOST
daemons_configure()
{
	local daemon common

	common="$(printf '%s = "none"\n' auth_unix_ro auth_unix_rw)
host_uuid = \"$(< /proc/sys/kernel/random/uuid)\""
	for daemon in $MODULAR_DAEMONS; do
		on "$1" tee "/etc/libvirt/$daemon.conf" <<-CONF
		$common
		$([ "$daemon" != virtproxyd ] || echo 'auth_tcp = "none"')
		log_outputs = "3:file:/var/log/libvirt/$daemon.log"
		CONF
	done > /dev/null
}

# daemon_activate HOST: one that runs QEMU, when somebody connects
daemon_activate() { activate "$1" virtqemud virtqemud-sock; }

libvirtd_launch()
{
	activate "$1" virtnetworkd virtnetworkd-sock && activate "$1" virtproxyd libvirt-sock virtproxyd-tcp.socket=16509 && daemon_activate "$1"
}

virtqemud_is_not() { [ "$(on "$1" pgrep -x virtqemud)" != "$2" ]; }

# libvirtd_restart HOST: its sockets stay
libvirtd_restart()
{
	local pid

	pid=$(on "$1" pgrep -x virtqemud)
	[ -z "$pid" ] || { on "$1" kill "$pid" && wait_until virtqemud_is_not "$1" "$pid"; } || return
	libvirtd_start "$1"
}
