# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of volumes share (sourced, after tap.sh): the tool, its folder, a storage host on a veth pair.

[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
tool=${root:?}/${BERTH_BUILD:-build}/tests/kernel/volume-tool
[ -x "$tool" ] || skip_all "no $tool; make unit-tests"
# One such test at a time: they share the kernel's drivers and their devices.
exec 9> /run/volumes.lock
flock 9
work=$(mktemp -d)
export VOLUME_FOLDER=$work VOLUME_TIMEOUT_MS=60000
mkdir -p "$work"/{etc,state,secrets}
children=()

# configure LINE...: of [volumes]
configure() { printf '%s\n' "[volumes]" "$@" > "$work/etc/berth.conf"; }

# in_storage CMD...: on the storage host
in_storage() { ip netns exec storage "$@"; }

# make_storage_host: a network namespace; its eth0 and eth1 are the machine's eth2 and eth3
make_storage_host()
{
	ip netns add storage
	printf '%s\n' "link add eth2 type veth peer name eth0 netns storage" "link add eth3 type veth peer name eth1 netns storage" \
		"link set eth2 up" "link set eth3 up" | ip -batch -
	printf '%s\n' "link set lo up" "link set eth0 up" "link set eth1 up" | ip -n storage -batch -
}

# serve SHELF SLOT INTERFACE FILE: exports it by AoE; its process is $served
serve()
{
	in_storage vblade "$@" > /dev/null 2>&1 9>&- &
	served=$!
	children+=("$served")
}

# end_serving PROCESS
end_serving()
{
	kill "$1"
	wait "$1" 2> /dev/null
}

# eventually CMD...: within a minute
eventually()
{
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		! "$@" > /dev/null 2>&1 || return 0
		sleep 0.1
	done
	return 1
}

# volume_of DEVICE: the words of which volume it is, into the array $words
# shellcheck disable=SC2034 # the tests use it
volume_of() { mapfile -t words < <("$tool" of-device "$1"); }

# state: what berth has noted
state() { (cd "$work/state" && find . -type f ! -name lock | sort | paste -sd' '); }

# tidy: the next test finds nothing of this one
tidy()
{
	[ ${#children[@]} = 0 ] || kill -KILL "${children[@]}" 2> /dev/null
	wait 2> /dev/null
	if [ -e /run/netns/storage ]; then
		# The device of a dead target goes with the driver; nobody has it open any more.
		[ ! -e /sys/module/aoe ] || eventually modprobe -r aoe
		ip link del eth2
		ip link del eth3
		ip netns del storage
	fi
}
trap 'tidy; tap_end' EXIT
