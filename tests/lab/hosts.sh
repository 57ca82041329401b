# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The lab's hosts (sourced by lab.sh): namespaces, the switches between them, what all kinds of host have.
#
# What differs by kind stands in hosts-here.sh and hosts-uml.sh: lab_fetch, lab_prepare, host_boot, host_down, on.
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
	wait_until test ! -e "$LAB_DIR" || :
	exit $status
}

# silent CMD...: it succeeds, and prints nothing
silent()
{
	local output

	output=$("$@") && [ -z "$output" ]
}

# virsh_on HOST ARGS...: virsh in HOST, at HOST's own libvirtd
virsh_on()
{
	local host=$1

	shift
	on "$host" virsh -q -c "qemu+tcp://$host/system" "$@"
}

# lab_switch NAME NUMBER: in the namespace that the tests themselves run in. Its address is fixed: otherwise a bridge has that of
# one of its ports, and another one when that port goes; hosts that know the old one reach the tests again after a minute.
lab_switch()
{
	ip link add "$1" address "02:00:00:00:0$2:fe" type bridge
	ip link set "$1" up
}

lab_switches()
{
	ip link set lo up
	lab_switch sw 0
	lab_switch lan 1
	ip addr add 10.88.0.254/24 dev sw
}

lab_names()
{
	local host n=0

	for host in $LAB_HOSTS $LAB_OTHERS; do
		n=$((n + 1))
		echo "10.88.0.$n $host"
	done > "$LAB_DIR/hosts"
}

# host_ready HOST: until it has started and has its address
host_ready()
{
	wait_until test -e "$LAB_DIR/host/$1/ready" || { cat "$LAB_DIR/host/$1/out" >&2; return 1; }
	on "$1" ip -batch - <<-IP
	link set eth0 up
	addr add $(address_of "$1")/24 dev eth0
	IP
}

# host_furnish HOST: what a host for guests has
host_furnish()
{
	local host=$1

	on "$host" sh -e <<-SETUP
	ip -batch - <<-IP
	link add $(bridge_of "$host") type bridge
	link set $(bridge_of "$host") up
	link set eth1 master $(bridge_of "$host") up
	IP
	mkdir -p -m 711 $(images_of "$host") $(base_of "$host")
	cp --sparse=always $LAB_DIR/base.qcow2 $(base_of "$host")/
	chown libvirt-qemu:kvm $(base_of "$host")/base.qcow2
	mkdir -p -m 700 /etc/libvirt/qemu /var/lib/berth
	SETUP
}

# host_complete HOST: what a library on top of this one has to start in a host besides
host_complete() { :; }

# host_start HOST: until all that it is for runs there
host_start()
{
	host_ready "$1" || return
	case " $LAB_HOSTS " in
	*" $1 "*) host_furnish "$1" && libvirtd_configure "$1" && libvirtd_launch "$1" && host_complete "$1" && libvirtd_ready "$1" ;;
	*) host_complete "$1" ;;
	esac
}

# lab_namespace: what all hosts share, in the lab's new namespaces
lab_namespace()
{
	mount -t tmpfs -o mode=755 lab "$LAB_DIR"
	mkdir -p -m 1777 "$LAB_DIR/tmp"
	mkdir -p "$LAB_DIR/console"
	export TMPDIR=$LAB_DIR/tmp
	lab_names
	lab_switches
	lab_prepare
}

# lab_up: all hosts of $LAB_HOSTS with a running libvirtd, and those of $LAB_OTHERS
lab_up()
{
	local host starting=()

	lab_namespace
	for host in $LAB_HOSTS $LAB_OTHERS; do host_boot "$host" || return; done
	make_base "$LAB_DIR/base.qcow2"
	for host in $LAB_HOSTS $LAB_OTHERS; do
		host_start "$host" &
		starting+=($!)
	done
	for host in "${starting[@]}"; do wait "$host" || return; done
	for host in $(host_of_each_release); do keep_capabilities "$host"; done
	machine_types
}

lab_down()
{
	local host

	for host in $LAB_HOSTS $LAB_OTHERS; do host_down "$host"; done
	umount -l "$LAB_DIR"
}
