# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Lab hosts on this machine's own kernel: namespaces (sourced by lab.sh where LAB_KIND is here).

# on HOST CMD...: runs CMD in HOST with a clean environment; its input, output and exit status are ours.
on()
{
	local pid

	pid=$(cat "$LAB_DIR/host/$1/pid") || return 125
	shift
	nsenter -t "$pid" -m -r -u -i -n -p -- /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C "$@"
}

# in_network HOST CMD...: a program of the machine in HOST's network: it speaks the same in hosts of all releases.
in_network() { nsenter -t "$(cat "$LAB_DIR/host/$1/pid")" -n -- env LC_ALL=C "${@:2}"; }

# shellcheck disable=SC2034 # libvirtd.sh uses both
LAB_CAPABILITIES=$LAB_CACHE/capabilities
# shellcheck disable=SC2034
LAB_KIND_QEMU_CONF=

# lab_fetch: what is downloaded and built, in the cache, before the lab is entered
lab_fetch()
{
	get_releases || return
	[ "$LAB_DAEMONS" != modular ] || get_modular || return
	[ -e "$LAB_CACHE/guest/guest.initrd" ] && [ "$LAB_CACHE/guest/guest.initrd" -nt "$LAB_SRC/guest-init" ] ||
		"$LAB_SRC/make-guest.sh" "$LAB_CACHE/guest" || return
	get_lock_managers "$LAB_CACHE/lock-managers" || echo "${0##*/}: no lock managers: apt-get cannot download $(lock_packages | xargs)" >&2
}

# lab_prepare: in the new, empty LAB_DIR
lab_prepare() { cp "$LAB_CACHE"/guest/guest.{kernel,initrd} "$LAB_DIR/"; }

# host_cable HOST DEVICE SWITCH
host_cable()
{
	ip link add "$1-$2" master "$3" type veth peer name "$2" netns "$(cat "$LAB_DIR/host/$1/pid")"
	ip link set "$1-$2" up
}

# has_child PID FILE: there is its only child, whose PID is in FILE then
has_child() { pgrep -P "$1" > "$2"; }

# host_boot HOST: starts it; host_ready waits for it
host_boot()
{
	local dir=$LAB_DIR/host/$1 launcher release root='' daemons=''

	mkdir -p "$dir/root"
	release=$(release_of "$1")
	[ -z "$release" ] || root=$(release_root "$release")
	[ "$LAB_DAEMONS" != modular ] || daemons=$(modular_folder "$release")
	# Nothing may be substituted here: that would be a child, too.
	setpriv --pdeathsig KILL unshare --mount --net --pid --uts --ipc --fork --kill-child \
		"$LAB_SRC/host-init" "$1" "$LAB_DIR" "$root" "$daemons" < /dev/null > "$dir/out" 2>&1 &
	launcher=$!
	disown $launcher
	echo $launcher > "$dir/launcher"
	wait_until has_child $launcher "$dir/pid" || { cat "$dir/out" >&2; return 1; }
	wait_until test -e "/proc/$(cat "$dir/pid")/ns/net" # the child exists before unshare waits for it
	host_cable "$1" eth0 sw
	host_cable "$1" eth1 lan
}

# host_down HOST: pulls the plug: all its processes end, its root is gone
host_down()
{
	local launcher

	launcher=$(cat "$LAB_DIR/host/$1/launcher")
	kill -KILL "$launcher"
	wait_until test ! -e "/proc/$(cat "$LAB_DIR/host/$1/pid")"
	rm -rf "$LAB_DIR/host/$1"
}

# console_xml NAME: the guest's serial line, in its domain's XML: into one file, wherever it runs
console_xml()
{
	echo "<serial type='file'><source path='$(console_of "$1")' append='on'><seclabel model='dac' relabel='no'/></source></serial>"
}

console_close() { :; }

# A TCG processor had better not be preempted: between its look into the TLB and its store the migration thread could
# take the page for clean, and send it without that store. That is suspected, not proved, of guest kernels that panicked
# after a migration on a busy machine: seen once with berth, and once in a lab in which berth was never installed.
vcpu_tune()
{
	! chrt -f 1 true 2> /dev/null || echo "<cputune><vcpusched vcpus='0' scheduler='fifo' priority='1'/></cputune>"
}
