# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The lab for volumes: source it. README.md lists what it offers.

# shellcheck disable=SC2034 # lab.sh uses it
LAB_KIND=uml
LAB_OTHERS=storage
VOLUMES_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# shellcheck source=tests/lab/lab.sh
. "$VOLUMES_SRC/../lab/lab.sh"
# shellcheck source=tests/volumes/targets.sh
. "$VOLUMES_SRC/targets.sh"
# shellcheck source=tests/volumes/exports.sh
. "$VOLUMES_SRC/exports.sh"
# shellcheck source=tests/volumes/initiators.sh
. "$VOLUMES_SRC/initiators.sh"
# shellcheck source=tests/volumes/state.sh
. "$VOLUMES_SRC/state.sh"
# shellcheck source=tests/volumes/berth.sh
. "$VOLUMES_SRC/berth.sh"
# shellcheck source=tests/volumes/disks.sh
. "$VOLUMES_SRC/disks.sh"

# make_base FILE: the base image, empty: the guest's disks must hold what it wrote, and nothing else
make_base() { qemu-img create -q -f qcow2 "$1" $LAB_BASE_SIZE; }

# network_slow HOST TIME: each packet that it sends takes so much longer; network_fast HOST: as before
network_slow() { on "$1" sh -c "modprobe sch_netem && tc qdisc add dev eth0 root netem delay $2"; }
network_fast() { on "$1" tc qdisc del dev eth0 root; }

# host_complete HOST: the daemons that run before any test
host_complete()
{
	case " $LAB_OTHERS " in
	*" $1 "*) targets_start "$1" ;;
	*) initiator_start "$1" ;;
	esac
}

# lab_tidy_more: no host is logged in anywhere, no storage is offered
lab_tidy_more()
{
	local host

	for host in $LAB_HOSTS; do initiator_tidy "$host"; done
	exports_tidy
	targets_tidy
}
