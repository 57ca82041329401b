# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of volumes share (sourced, after tap.sh): the tool, its folder, a storage host on a veth pair.

[ -e /run/fresh-host ] || skip_all "not in a host of its own; use tests/initiator/run"
tool=${root:?}/${BERTH_BUILD:-build}/tests/initiator/volume-tool
[ -x "$tool" ] || skip_all "no $tool; make test-programs"
# shellcheck source=tests/wait-until.sh
. "${root:?}/tests/wait-until.sh"
work=$(mktemp -d)
export VOLUME_FOLDER=$work VOLUME_TIMEOUT_MS=60000
mkdir -p "$work"/{etc,state,secrets}

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
# shellcheck disable=SC2034 # the tests use it
serve()
{
	in_storage vblade "$@" > /dev/null 2>&1 &
	served=$!
}

# end_serving PROCESS
end_serving()
{
	kill "$1"
	wait "$1" 2> /dev/null
}

# volume_of DEVICE: the words of which volume it is, into the array $words
# shellcheck disable=SC2034 # the tests use it
volume_of() { mapfile -t words < <("$tool" of-device "$1"); }

# state: what berth has noted
state() { (cd "$work/state" && find . -type f ! -name lock | sort | paste -sd' '); }
