#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libnl in berth-gate asks no name service, for which a statically linked program would load glibc's shared libraries.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh

symbols() { nm build/berth-gate | awk '{ print $NF }'; }

ok "it was built, with its symbols" eval 'symbols | grep -qx getprotobyname'
prints "glibc's functions that it would ask are not in it" "" matching '^(gaih_inet|__new_getproto[a-z]+_r)$' symbols
done_testing
