# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The lab's hosts (sourced by lab.sh): namespaces, the switch between them, commands in them.
#
# The whole lab lives in one PID, mount and network namespace of its own (lab_enter), so the kernel itself ends and
# unmounts everything when the launcher ends, however it ends. That network namespace holds the two switches:
# "sw" connects eth0 of all hosts (10.88.0.0/24), "lan" connects eth1, the uplink of each host's bridge for guests.

# Where the hosts differ: hosta keeps libvirt's default folder, all others have their own.
images_of() { case $1 in hosta) echo /var/lib/libvirt/images ;; *) echo /srv/vm ;; esac; }
base_of() { case $1 in hosta) echo /var/lib/libvirt/images ;; *) echo /srv/base ;; esac; }
bridge_of() { case $1 in hosta) echo br0 ;; *) echo br-lan ;; esac; }
address_of() { awk -v host="$1" '$2 == host { print $1 }' "$LAB_DIR/hosts"; }
uri_of() { echo "qemu+tcp://$1/system"; }

# lab_enter "$0" "$@": runs this script again inside the lab's own namespaces, and exits with its status.
lab_enter()
{
	local status janitor

	[ -z "${LAB_INSIDE:-}" ] || return 0
	LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/berth-lab.XXXXXX")
	# The janitor sees our end, even a SIGKILL, as the end of its input. The mount in LAB_DIR has gone by then.
	exec {janitor}> >(exec setsid sh -c 'read -r _; rmdir "$1"' janitor "$LAB_DIR" > /dev/null 2>&1)
	LAB_INSIDE=1 LAB_DIR=$LAB_DIR setpriv --pdeathsig KILL unshare --mount --pid --net --ipc --uts --fork --kill-child \
		--mount-proc "$BASH" "$@" <&0 {janitor}>&- &
	# shellcheck disable=SC2064 # this very child
	trap "kill -KILL $!; exit 130" INT TERM HUP
	wait $! && status=0 || status=$?
	exec {janitor}>&-
	wait_until 5 test ! -e "$LAB_DIR" || :
	exit $status
}

# wait_until SECONDS CMD...: polls CMD until it succeeds; fails when SECONDS have passed.
wait_until()
{
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))

	shift
	until "$@" > /dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt $deadline ] || return 1
		sleep 0.05
	done
}

# on HOST CMD...: runs CMD in HOST with a clean environment; its input, output and exit status are ours.
on()
{
	local pid

	pid=$(cat "$LAB_DIR/host/$1/pid") || return 125
	shift
	nsenter -t "$pid" -m -u -i -n -p -- /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C "$@"
}

# virsh_on HOST ARGS...: virsh in HOST, at HOST's own libvirtd
virsh_on()
{
	local host=$1

	shift
	on "$host" virsh -q -c "qemu+tcp://$host/system" "$@"
}

# lab_switches: in the namespace that the tests themselves run in
lab_switches()
{
	local switch

	ip link set lo up
	for switch in sw lan; do
		ip link add "$switch" type bridge
		ip link set "$switch" up
	done
	ip addr add 10.88.0.254/24 dev sw
}

lab_names()
{
	local host n=0

	for host in $LAB_HOSTS; do
		n=$((n + 1))
		echo "10.88.0.$n $host"
	done > "$LAB_DIR/hosts"
}

# host_cable HOST DEVICE SWITCH
host_cable()
{
	ip link add "$1-$2" master "$3" type veth peer name "$2" netns "$(cat "$LAB_DIR/host/$1/pid")"
	ip link set "$1-$2" up
}

# child_of PID: its only child; fails while there is none
child_of() { pgrep -o -P "$1"; }

# host_boot HOST: starts it; host_ready waits for it
host_boot()
{
	local dir=$LAB_DIR/host/$1 launcher

	mkdir -p "$dir/root"
	setpriv --pdeathsig KILL unshare --mount --net --pid --uts --ipc --fork --kill-child \
		"$LAB_SRC/host-init" "$1" "$LAB_DIR" < /dev/null > "$dir/out" 2>&1 &
	launcher=$!
	disown $launcher
	echo $launcher > "$dir/launcher"
	wait_until 5 child_of $launcher && child_of $launcher > "$dir/pid"
	wait_until 5 test -e "/proc/$(cat "$dir/pid")/ns/net" # the child exists before unshare waits for it
	host_cable "$1" eth0 sw
	host_cable "$1" eth1 lan
}

host_ready()
{
	local host=$1

	wait_until 10 test -e "$LAB_DIR/host/$host/ready" || { cat "$LAB_DIR/host/$host/out" >&2; return 1; }
	on "$host" sh -e <<-SETUP
	ip link set eth0 up
	ip addr add $(address_of "$host")/24 dev eth0
	ip link add $(bridge_of "$host") type bridge
	ip link set $(bridge_of "$host") up
	ip link set eth1 master $(bridge_of "$host") up
	mkdir -p -m 711 $(images_of "$host") $(base_of "$host")
	cp --sparse=always $LAB_DIR/base.qcow2 $(base_of "$host")/
	chown libvirt-qemu:kvm $(base_of "$host")/base.qcow2
	mkdir -p -m 700 /etc/libvirt/qemu /var/lib/berth
	SETUP
}

# host_down HOST: pulls the plug: all its processes end, its root is gone
host_down()
{
	local launcher

	launcher=$(cat "$LAB_DIR/host/$1/launcher")
	kill -KILL "$launcher"
	wait_until 10 test ! -e "/proc/$(cat "$LAB_DIR/host/$1/pid")"
	rm -rf "$LAB_DIR/host/$1"
}

# lab_up: all hosts of $LAB_HOSTS with a running libvirtd
lab_up()
{
	local host

	mount -t tmpfs -o mode=755 lab "$LAB_DIR"
	mkdir -p -m 1777 "$LAB_DIR/tmp"
	mkdir -p "$LAB_DIR/console"
	export TMPDIR=$LAB_DIR/tmp
	cp "$LAB_CACHE"/guest/guest.{kernel,initrd} "$LAB_DIR/"
	make_base "$LAB_DIR/base.qcow2"
	lab_names
	lab_switches
	for host in $LAB_HOSTS; do host_boot "$host" || return; done
	for host in $LAB_HOSTS; do host_ready "$host" && libvirtd_configure "$host" || return; done
	for host in $LAB_HOSTS; do libvirtd_launch "$host" || return; done
	for host in $LAB_HOSTS; do libvirtd_ready "$host" || return; done
	keep_capabilities
}

lab_down()
{
	local host

	for host in $LAB_HOSTS; do host_down "$host"; done
	umount -l "$LAB_DIR"
}
