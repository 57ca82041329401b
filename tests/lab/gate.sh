# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The gate in lab hosts (sourced by lab.sh): on, off, as an administrator would do it.

# gate_on [HOST]..., gate_off [HOST]...: in these, or in all; their libvirtds restart
gate_on() { gate_turn enable "${@:-$LAB_HOSTS}"; }
gate_off() { gate_turn disable "${@:-$LAB_HOSTS}"; }

gate_turn()
{
	local host

	# shellcheck disable=SC2068 # words
	for host in ${@:2}; do
		on "$host" berth gate "$1" > /dev/null && libvirtd_restart "$host" || return
	done
}

# gate_stub HOST SCRIPT: shell instead of berth-gate; gate_unstub HOST: the real one again
gate_stub()
{
	on "$1" sh -c "cd /usr/libexec/berth && { [ -e berth-gate.real ] || mv berth-gate berth-gate.real; } &&
		rm -f berth-gate && { echo '#!/bin/sh'; cat; } > berth-gate && chmod 755 berth-gate" <<< "$2"
}
gate_unstub() { on "$1" mv /usr/libexec/berth/berth-gate.real /usr/libexec/berth/berth-gate; }
