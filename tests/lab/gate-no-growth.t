#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests come and go through the gate of one libvirtd: neither its descriptors nor its memory grow.
# What libvirtd's memory grows by itself depends on its version (9 MiB in the first 20 starts of 11.3); so as many starts without the gate come first.
# Settings: GATE_STARTS (default 20), GATE_MOVES (default 4), GATE_GROWTH_KIB: what memory may grow more than without (default 4096).
# Long: it counts over hundreds of starts and moves.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
starts=${GATE_STARTS:-20} moves=${GATE_MOVES:-4} limit=${GATE_GROWTH_KIB:-4096}
declare -A pid files memory by_itself

descriptors() { on "$1" find "/proc/${pid[$1]}/fd" -type l | wc -l; }
memory_kib() { on "$1" sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${pid[$1]}/status"; }
# No connection of virsh's is left.
as_many() { [ "$(descriptors "$1")" -le "${files[$1]}" ]; }

start_and_stop()
{
	for _ in $(seq "$1"); do
		guest_start hosta $guest && virsh_on hosta suspend $guest && virsh_on hosta resume $guest &&
			guest_destroy hosta $guest || return
	done > /dev/null
}

# there_and_back N
there_and_back()
{
	for _ in $(seq "$1"); do moved hosta $guest hostb && moved hostb $guest hosta || return; done
}

measure() { for host in hosta hostb; do files[$host]=$(descriptors $host) memory[$host]=$(memory_kib $host); done; }
grown_kib() { echo $(($(memory_kib "$1") - memory[$1])); }
# check WHAT
check()
{
	local host grown

	for host in hosta hostb; do
		ok "$1: $host: not more descriptors" wait_until as_many $host
		grown=$(grown_kib $host)
		note "$1: $host: ${files[$host]} descriptors, ${memory[$host]} KiB, $grown KiB more, ${by_itself[$host]:-0} without the gate"
		ok "$1: $host: about the same memory" test $grown -lt $((limit + ${by_itself[$host]:-0}))
	done
}

processes() { for host in hosta hostb; do pid[$host]=$(libvirtd_pid $host); done; }

ok "guest is defined" guest_define hosta $guest
ok "a new libvirtd" libvirtd_restart hosta
processes
ok "some starts without the gate" start_and_stop 3
measure
ok "$starts starts without the gate" start_and_stop "$starts"
by_itself[hosta]=$(grown_kib hosta)
ok "the gate is on everywhere" gate_on
processes
ok "some starts" start_and_stop 3
measure
ok "$starts starts" start_and_stop "$starts"
check starts
by_itself=()
ok "guest boots" eval "guest_start hosta $guest && wait_tick $guest 3 && wait_until manifest_is_from hosta $guest"
ok "it moves" there_and_back 1
measure
ok "$moves times there and back" there_and_back "$moves"
check moves
guest_destroy hosta $guest
ok "no tick was lost" check_ticks "$(console_of $guest)"
ok "the gate is off again" gate_off
done_testing
