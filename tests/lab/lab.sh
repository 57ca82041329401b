# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The lab's library: source it. README.md lists what it offers.

LAB_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_CACHE=$(realpath -m "${LAB_CACHE:-$LAB_SRC/../../build/lab-cache}")
LAB_HOSTS=${LAB_HOSTS:-hosta hostb}
export LAB_SRC LAB_CACHE LAB_HOSTS LAB_DIR

# shellcheck source=tests/lab/hosts.sh
. "$LAB_SRC/hosts.sh"
# shellcheck source=tests/lab/libvirtd.sh
. "$LAB_SRC/libvirtd.sh"
# shellcheck source=tests/lab/images.sh
. "$LAB_SRC/images.sh"
# shellcheck source=tests/lab/guests.sh
. "$LAB_SRC/guests.sh"
# shellcheck source=tests/lab/berth.sh
. "$LAB_SRC/berth.sh"
# shellcheck source=tests/lab/ports.sh
. "$LAB_SRC/ports.sh"
