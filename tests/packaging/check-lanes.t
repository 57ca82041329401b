#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/check says and returns: where all passes, a test fails or bails out, or what runs the tests is killed; and it takes
# all that it has started along.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
# shellcheck source=tests/wait-until.sh
. tests/wait-until.sh

[ "$(id -u)" = 0 ] || skip_all "needs root"
tree=$(mktemp -d)
trap 'rm -rf "$tree"; tap_end' EXIT
mkdir -p "$tree"/scripts "$tree"/tests/{packaging,lab,volumes}
cp scripts/check "$tree/scripts/"
# program FILE LINE...: below tests/
program() { printf '%s\n' '#!/bin/bash' "${@:2}" > "$tree/tests/$1" && chmod +x "$tree/tests/$1"; }
# checks: into $said, $status
checks() { said=$(TESTS='' PART=all "$tree/scripts/check" packaging lab volumes 2>&1); status=$?; }
# shellcheck disable=SC2016 # the programs' variables
runner='[ "$1" != --fetch ] || exit 0'
for group in lab volumes; do program $group/run "$runner" 'exec prove "$@"'; done
for test in packaging/a.t lab/b.t volumes/c.t; do program $test 'echo 1..1; echo ok 1'; done

checks
is "$status" 0 "all pass: exit status"
like "$said" "3 passed, 0 failed.*All tests passed$" "it says so"
program lab/b.t 'echo 1..1; echo not ok 1'
checks
is "$status" 1 "one fails: exit status"
like "$said" "tests/lab/b\.t \(Wstat: .*2 passed, 1 failed.*FAILED: lab$" "it says which"
program lab/b.t 'echo "Bail out! no host"'
checks
is "$status" 1 "one bails out: exit status"
like "$said" "Bail.* no host.*FAILED: lab$" "it says why"
program lab/b.t 'echo 1..1; echo ok 1'
for group in lab volumes; do
	# shellcheck disable=SC2016
	program $group/run "$runner" 'sleep 5 &' 'kill -KILL $PPID' 'exec sleep 600'
	checks
	is "$status" 1 "$group: what runs it is killed: exit status"
	like "$said" "FAILED: .*$group, not run to the end$" "$group: it says that"
	program $group/run "$runner" 'exec prove "$@"'
done

for signal in TERM INT KILL; do
	for group in lab volumes; do program $group/run "$runner" 'echo $$ > '"$tree/$group"'; exec sleep 6007'; done
	# Without a job's SIGINT, which a shell has its jobs ignore.
	perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' env TESTS='' PART=all "$tree/scripts/check" packaging lab volumes > "$tree/out" 2>&1 &
	check=$!
	ok "$signal: both lanes run" wait_until test -s "$tree/lab" -a -s "$tree/volumes"
	lab=$(< "$tree/lab") volumes=$(< "$tree/volumes")
	if [ $signal = INT ]; then kill -INT -- -$check; else kill -$signal $check; fi
	wait $check 2> /dev/null
	ok "$signal: the first ends" wait_until test ! -e "/proc/$lab"
	ok "$signal: and the other" wait_until test ! -e "/proc/$volumes"
	rm "$tree/lab" "$tree/volumes"
done
done_testing
