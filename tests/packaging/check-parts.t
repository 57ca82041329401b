#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each test runs in `make check` or in `make check-long`, and TESTS picks it in either.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh

groups=(unit packaging plugin netns kernel initiator lab volumes)
# tests_of PART [GROUP]...: one a line
tests_of() { TESTS='' PART=$1 scripts/check --list "${@:2}" | sort; }
# in_both: those that run in both parts
in_both() { comm -12 <(tests_of short "${groups[@]}") <(tests_of long "${groups[@]}"); }

is "$({ tests_of short "${groups[@]}"; tests_of long "${groups[@]}"; } | sort)" "$(tests_of all "${groups[@]}")" "each test is in a part"
prints "none is in both" "" in_both
is "$(tests_of all "${groups[@]:1}")" "$(find tests/{packaging,plugin,netns,kernel,initiator,lab,volumes} -name '*.t' | sort)" \
	"all tests of these folders are found"
is "$(tests_of long "${groups[@]:1}")" "$(grep -l '^# Long: ' -r tests --include='*.t' | sort)" "long are those that say so"
for group in kernel initiator lab volumes; do
	ok "$group: both parts have tests" test "$(tests_of short $group | wc -l)" -gt 0 -a "$(tests_of long $group | wc -l)" -gt 0
done
is "$(TESTS="tests/lab/migrate.t tests/lab/killed-anywhere.t" PART=all scripts/check --list lab volumes)" \
	$'tests/lab/killed-anywhere.t\ntests/lab/migrate.t' "TESTS picks from both"
# Two of them run at once in one virtual machine; who starts daemons has one of its own.
is "$(grep -lE 'unshare --net|own_space|confined-host' tests/kernel/*.t)" "$(printf '%s\n' tests/kernel/*.t)" \
	"each test of the emulated kernel has a network of its own"
done_testing
