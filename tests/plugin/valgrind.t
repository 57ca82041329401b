#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# berth.so, as libvirtd loads it, under valgrind: no byte that isn't its own, none lost.

cd "$(dirname "$0")/../.." || exit
# Valgrind 3.19 knows no pidfd_open(2), says so, and berth.so does without.
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
command -v valgrind > /dev/null || skip_all "needs valgrind"

# checked TEST
checked()
{
	timeout 300 valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		--trace-children=no --child-silent-after-fork=yes "build/tests/unit/$1"
}

for name in order ordinary-life paused states chain announces; do
	ok "test-gate-$name" checked "test-gate-$name"
done
done_testing
