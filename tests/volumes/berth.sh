# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# berth on hosts with volumes (sourced by volumes.sh).

# allow_volumes [MORE]: every host may use the storage host's targets and its AoE; MORE lines go into [volumes]
allow_volumes()
{
	local host

	for host in $LAB_HOSTS; do
		berth_conf "$host" "[limits]
disk_reserve_mib = 16
[volumes]
iscsi = 10.88.0.0/24 iqn.2026-11.lab:*
aoe = eth0
${1:-}"
	done
}

# device_of HOST GUEST TARGET: the name that the guest's disk has in its definition there
device_of() { virsh_on "$1" domblklist "$2" | awk -v t="$3" '$1 == t { print $2 }'; }

# released HOST: nothing of berth's is attached there or waits to be released
released() { silent on "$1" sh -c 'cd /var/lib/berth && { ! grep -rlE "state=(attached|releasing|leaving)" volumes 2> /dev/null; }'; }
