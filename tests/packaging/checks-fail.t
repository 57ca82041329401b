#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A check that something prints nothing fails where the program that should print cannot run, or ends before its time.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh

# judged CMD...: what the first line of a test with that check says
judged() { "$BASH" -c '. tests/lab/tap.sh; "$@"' judged "$@" 2> /dev/null | head -n 1; }
# passes CMD..., fails CMD...
passes() { is "$(judged "$@")" "ok 1 - name" "passes: $*"; }
fails() { is "$(judged "$@")" "not ok 1 - name" "fails: $*"; }

passes prints name "" true
passes prints name 0 echo 0
passes prints name "" matching departed printf '%s\n' vm1 running
passes prints name "vm1 departed" matching departed printf '%s\n' "vm1 departed" running
passes prints name "" matching departed true
fails prints name "" false
fails prints name "" no-such-program
fails prints name "" sh -c 'exit 1'
fails prints name "" sh -c 'kill -SEGV $$'
fails prints name "" echo something
fails prints name 0 sh -c 'echo 0; exit 1'
fails prints name "" matching departed false
fails prints name "" matching departed sh -c 'echo vm1; kill -SEGV $$'
fails prints name "" matching departed echo vm1 departed
fails prints name "" matching '(' echo vm1
# A function's pipeline
fails prints name 0 eval 'false | wc -l'
done_testing
