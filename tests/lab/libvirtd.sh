# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirtd in a lab host (sourced by lab.sh): configuration, start, stop, kill. modular.sh has other daemons in its place, under
# the same names.

# The name of the daemon that runs QEMU, and of all that ends when a host loses power; words of an extended regular expression
# shellcheck disable=SC2034 # tests use them
LAB_DAEMON=libvirtd
# shellcheck disable=SC2034
LAB_DAEMON_PROCESSES=libvirtd

# daemons_configure HOST
daemons_configure()
{
	on "$1" tee /etc/libvirt/libvirtd.conf > /dev/null <<-CONF
	listen_tls = 0
	listen_tcp = 1
	auth_tcp = "none"
	auth_unix_ro = "none"
	auth_unix_rw = "none"
	host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
	log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
	CONF
}

# libvirtd_configure HOST: complete configuration files; what they do not name keeps libvirt's default.
libvirtd_configure()
{
	daemons_configure "$1"
	# No virtlogd, no AppArmor profiles: the lab brings neither. The user and the ownership rules are the defaults. sudo
	# forbids core files, and in a container root can't allow them again; libvirt's default would.
	on "$1" tee /etc/libvirt/qemu.conf > /dev/null <<-CONF
	user = "libvirt-qemu"
	group = "kvm"
	security_driver = "none"
	stdio_handler = "file"
	max_core = 0
	$LAB_KIND_QEMU_CONF
	${LAB_QEMU_CONF:-}
	CONF
	seed_capabilities "$1"
}

# capabilities_of HOST: where they are kept: a folder for each release, and for modular daemons, for libvirt looks at QEMU anew
# where its daemon is another
capabilities_of()
{
	local release

	release=$(release_of "$1")
	echo "$LAB_CAPABILITIES${release:+-$release}${LAB_MODULAR:+-modular}"
}

# What libvirt learnt about QEMU, in a file that libvirt itself checks against the binaries' times and versions:
# an outdated one costs a new probe, never a wrong answer.
seed_capabilities()
{
	local kept

	kept=$(capabilities_of "$1")
	[ ! -d "$kept" ] || cp -r "$kept" "$LAB_DIR/host/$1/capabilities"
	on "$1" sh -c "cp -r $LAB_DIR/host/$1/capabilities /var/cache/libvirt/qemu/ 2>/dev/null" || :
}

# keep_capabilities HOST
keep_capabilities()
{
	local host=$1 kept tmp

	kept=$(capabilities_of "$host")
	virsh_on "$host" domcapabilities --virttype qemu > /dev/null
	tmp=$(mktemp -d "$LAB_CACHE/tmp.XXXXXX")
	on "$host" tar -C /var/cache/libvirt/qemu -c capabilities | tar -C "$tmp" -x
	if ! diff -rq "$tmp/capabilities" "$kept" > /dev/null 2>&1; then
		rm -rf "$kept"
		mv -T "$tmp/capabilities" "$kept" 2> /dev/null || : # another lab was first
	fi
	rm -rf "$tmp"
}

libvirtd_pid() { on "$1" cat /run/$LAB_DAEMON.pid 2> /dev/null; }
libvirtd_answers() { virsh_on "$1" version; }
libvirtd_gone() { ! on "$1" pgrep -x $LAB_DAEMON; }
libvirtd_launch() { on "$1" libvirtd --listen --daemon; }
libvirtd_ready() { wait_until libvirtd_answers "$1"; }
libvirtd_start() { libvirtd_launch "$1" && libvirtd_ready "$1"; }

# activated HOST DAEMON: somebody listens for it
activated() { on "$1" pgrep -F "/run/$2.activated" socket-activate; }

# activate HOST DAEMON SOCKET [NAME=PORT]...: listens at /run/libvirt/SOCKET and its kin, as the daemon's units have it, and runs
# the daemon when somebody connects. It ends when for LAB_DAEMON_TIMEOUT seconds nobody has, and it has no guests.
activate()
{
	local path=/run/libvirt/$3 admin=/run/libvirt/${2/#libvirtd/libvirt}-admin-sock

	! activated "$1" "$2" > /dev/null 2>&1 || return 0
	# shellcheck disable=SC2016 # the inner shell's
	on "$1" sh -c 'name=$1 && shift && { setsid socket-activate "$@" < /dev/null > "/var/log/libvirt/$name.activated" 2>&1 & } &&
		echo $! > "/run/$name.activated"' activate "$2" "$2.socket=$path" "$2-ro.socket=$path-ro" \
		"$2-admin.socket=$admin" "${@:4}" -- "/usr/sbin/$2" --timeout "${LAB_DAEMON_TIMEOUT:-120}"
	wait_until on "$1" test -S "$path"
}

# daemon_activate HOST: in libvirtd_launch's place
daemon_activate() { activate "$1" libvirtd libvirt-sock libvirtd-tcp.socket=16509; }

# libvirtd_signal HOST SIGNAL: and waits until it has gone, and whoever would start it again
libvirtd_signal()
{
	on "$1" sh -c "! pkill -$2 -F /run/$LAB_DAEMON.activated socket-activate 2> /dev/null; ! pkill -$2 -x $LAB_DAEMON"
	wait_until libvirtd_gone "$1"
}

libvirtd_stop() { libvirtd_signal "$1" TERM; }
libvirtd_kill() { libvirtd_signal "$1" KILL; }
libvirtd_restart() { libvirtd_stop "$1" && libvirtd_start "$1"; }

# libvirt_is_at_least VERSION [HOST]...: whether each host's libvirtd is; of all hosts by default. What only a newer one can do is
# tested where it is, and its absence, or what stands in for it, where it is not: without a skip.
libvirt_is_at_least()
{
	local host version

	for host in ${2-$LAB_HOSTS} "${@:3}"; do
		version=$(on "$host" $LAB_DAEMON --version | awk '{ print $NF }') || return
		printf '%s\n' "$1" "$version" | sort -C -V || return
	done
}
