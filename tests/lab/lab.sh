# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The lab's library: source it. README.md lists what it offers.

LAB_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_CACHE=$(realpath -m "${LAB_CACHE:-$LAB_SRC/../../build/lab-cache}")
LAB_HOSTS=${LAB_HOSTS:-hosta hostb}
# Hosts without libvirtd, and what kind of hosts these are: here (on this machine's kernel) or uml (on kernels of their own)
LAB_OTHERS=${LAB_OTHERS:-}
LAB_KIND=${LAB_KIND:-here}
# What runs QEMU in the hosts of kind here: libvirtd, or modular daemons (modular.sh)
LAB_DAEMONS=${LAB_DAEMONS:-libvirtd}
[ "$LAB_KIND" = here ] || LAB_DAEMONS=libvirtd
export LAB_SRC LAB_CACHE LAB_HOSTS LAB_OTHERS LAB_KIND LAB_DAEMONS LAB_DIR

# shellcheck source=tests/wait-until.sh
. "$LAB_SRC/../wait-until.sh"
# shellcheck source=tests/lab/debian-kernel.sh
. "$LAB_SRC/debian-kernel.sh"
# shellcheck source=tests/lab/storage-tools.sh
. "$LAB_SRC/storage-tools.sh"
# shellcheck source=tests/lab/releases.sh
. "$LAB_SRC/releases.sh"
# shellcheck source=tests/lab/hosts-here.sh
. "$LAB_SRC/hosts-$LAB_KIND.sh"
# shellcheck source=tests/lab/hosts.sh
. "$LAB_SRC/hosts.sh"
# shellcheck source=tests/lab/libvirtd.sh
. "$LAB_SRC/libvirtd.sh"
# shellcheck source=tests/lab/modular.sh
[ "$LAB_DAEMONS" = libvirtd ] || . "$LAB_SRC/$LAB_DAEMONS.sh"
# shellcheck source=tests/lab/images.sh
. "$LAB_SRC/images.sh"
# shellcheck source=tests/lab/guests.sh
. "$LAB_SRC/guests.sh"
# shellcheck source=tests/lab/berth.sh
. "$LAB_SRC/berth.sh"
# shellcheck source=tests/lab/gate.sh
. "$LAB_SRC/gate.sh"
# shellcheck source=tests/lab/lock-managers.sh
. "$LAB_SRC/lock-managers.sh"
# shellcheck source=tests/lab/ports.sh
. "$LAB_SRC/ports.sh"
