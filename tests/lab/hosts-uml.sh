# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Lab hosts with kernels of their own: user-mode Linux (sourced by lab.sh where LAB_KIND is uml).
#
# Each host is a process of the lab's, in a PID namespace of its own. Its network devices are taps of the lab's switches.
# A third switch, "ctl" (10.89.0.0/24), carries `on` alone, so a test may take the others down. One processor per host.

# shellcheck source=tests/lab/user-mode-linux.sh
. "$LAB_SRC/user-mode-linux.sh"

# These hosts have the machine's root, unless this names other releases, as LAB_RELEASES does.
# shellcheck disable=SC2034 # releases.sh
LAB_RELEASES=${LAB_UML_RELEASES:-}
LAB_UML=$LAB_CACHE/user-mode-linux
LAB_TOOLS=$LAB_CACHE/storage-tools
LAB_PROGRAMS=$LAB_CACHE/programs
# shellcheck disable=SC2034 # libvirtd.sh uses both
LAB_CAPABILITIES=$LAB_CACHE/capabilities-uml
# Without this filter libvirt asks QEMU for some 700 properties of the processor at each start, and QEMU reads each question
# byte by byte: ten seconds of processor time here.
# shellcheck disable=SC2034
LAB_KIND_QEMU_CONF='capability_filters = [ "cpu-unavailable-features" ]'

control_of() { address_of "$1" | sed s/^10.88/10.89/; }
# mac_of HOST NUMBER: of its device of that number; the same after a new start, for others remember it
mac_of() { printf '02:00:00:00:%02x:%02x\n' "$2" "$(address_of "$1" | cut -d. -f4)"; }

# on HOST CMD...: runs CMD in HOST with a clean environment; its input, output and exit status are ours.
on() { "$LAB_DIR/agent-client" "$(< "$LAB_DIR/host/$1/control")" "${@:2}"; }
# in_network HOST CMD...: a program of the machine in HOST's network; HOST has the machine's programs.
in_network() { on "$@"; }

# lab_compile PROGRAM: PROGRAM.c, into the cache; hosts of all releases run it
lab_compile()
{
	[ "$LAB_PROGRAMS/$1" -nt "$LAB_SRC/$1.c" ] && [ "$LAB_PROGRAMS/$1" -nt "$LAB_SRC/agent.h" ] ||
		gcc -std=gnu11 -O2 -static -o "$LAB_PROGRAMS/$1" "$LAB_SRC/$1.c"
}

# lab_fetch: what is downloaded and built, in the cache, before the lab is entered
lab_fetch()
{
	get_releases && mkdir -p "$LAB_PROGRAMS" && get_uml "$LAB_UML" && get_storage_tools "$LAB_TOOLS" &&
		lab_compile agent && lab_compile agent-client
}

# lab_prepare: in the new, empty LAB_DIR. Nobody asks for a host's address on `ctl`: a question that a host has not answered
# before it went would make the first connection to its successor fail ("No route to host").
lab_prepare()
{
	local host

	mkdir "$LAB_DIR/memory" "$LAB_DIR/uml" "$LAB_DIR/console-servers"
	cp "$LAB_PROGRAMS"/agent{,-client} "$LAB_DIR/"
	lab_switch ctl 2
	ip addr add 10.89.0.254/24 dev ctl
	for host in $LAB_HOSTS $LAB_OTHERS; do
		ip neigh add "$(control_of "$host")" lladdr "$(mac_of "$host" 2)" nud permanent dev ctl
	done
}

# host_cable HOST DEVICE SWITCH: makes HOST's device
host_cable()
{
	ip tuntap add "$1-$2" mode tap
	ip link set "$1-$2" master "$3" up
}

# Of another release's root: what uml-init needs of the machine, which has that root to itself. Then the command.
# shellcheck disable=SC2016 # the inner shell's variables
UML_ROOT='
	[ -z "$1" ] || {
		mount -t tmpfs -o mode=1777 tmp "$1/tmp"
		for folder in "$2" "$3"; do mkdir -p "$1$folder" && mount --bind "$folder" "$1$folder" || exit; done
	}
	shift 3
	exec "$@"'

# host_boot HOST: starts it; host_ready waits for it. A test may do that, too: the host ends with the lab, not with the test.
host_boot()
{
	local host=$1 dir=$LAB_DIR/host/$1 n device switch command release root=

	release=$(release_of "$host")
	[ -z "$release" ] || root=$(release_root "$release")
	mkdir -p "$dir"
	control_of "$host" > "$dir/control"
	# The memory of user-mode Linux is a file in TMPDIR. Without gro=1 TCP between hosts crawls: the frames that
	# another host's segmentation offload made are dropped.
	# shellcheck disable=SC2054 # the commas are user-mode Linux's
	command=("$LAB_UML/usr/bin/linux.uml" "mem=${LAB_HOST_MEMORY:-768M}" "umid=$host" "uml_dir=$LAB_DIR/uml/"
		rootfstype=hostfs "rootflags=${root:-/}" ro "init=$LAB_SRC/uml-init" seccomp=auto con=null con0=null,fd:1 ssl=null quiet
		"labname=$host" "labshare=$LAB_DIR" "labtools=$LAB_TOOLS" "labsource=$LAB_SRC" "labcontrol=$(< "$dir/control")"
		"labmodules=$(echo "$LAB_UML"/lib/modules/*)")
	for n in 0:eth0:sw 1:eth1:lan 2:ctl:ctl; do
		IFS=: read -r n device switch <<< "$n"
		host_cable "$host" "$device" "$switch"
		command+=("vec$n:transport=tap,ifname=$host-$device,mac=$(mac_of "$host" "$n"),depth=128,gro=1")
	done
	TMPDIR=$LAB_DIR/memory setsid unshare --mount --pid --fork --kill-child \
		sh -c "$UML_ROOT" sh "$root" "$LAB_TREE" "$LAB_DIR" \
		"${command[@]}" < /dev/null > "$dir/out" 2>&1 &
	echo $! > "$dir/launcher"
	disown $!
}

# host_down HOST: pulls the plug: all its processes end, its root is gone
host_down()
{
	local device

	kill -KILL "$(< "$LAB_DIR/host/$1/launcher")"
	for device in eth0 eth1 ctl; do ip link del "$1-$device"; done
	rm -rf "$LAB_DIR/host/$1" "$LAB_DIR/uml/$1"
}

# console_xml NAME: the guest's serial line, in its domain's XML: by TCP to console-server. Two hosts don't see at once
# what the other writes to a shared file.
console_xml()
{
	local server=$LAB_DIR/console-servers/$1

	[ -e "$server.port" ] || {
		"$LAB_SRC/console-server" 10.89.0.254 "$server.port" "$(console_of "$1")" < /dev/null > /dev/null 2>> "$LAB_DIR/console-servers/errors" &
		echo $! > "$server.pid"
		wait_until test -e "$server.port"
	}
	echo "<serial type='tcp'><source mode='connect' host='10.89.0.254' service='$(< "$server.port")'/><protocol type='raw'/></serial>"
}

# console_close NAME
console_close()
{
	local server=$LAB_DIR/console-servers/$1

	[ ! -e "$server.pid" ] || kill "$(< "$server.pid")" 2> /dev/null
	rm -f "$server.pid" "$server.port"
}

# One processor for host and guests: none of them may keep it to itself.
vcpu_tune() { :; }
