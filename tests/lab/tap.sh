# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The Test Anything Protocol for bash (sourced by *.t): plan or done_testing, ok, is, like, prints, skip, diag.
#
# is "$(CMD)" "" passes when CMD cannot run at all; so what must print nothing, or count nothing, is asked by prints.
#
# After the first failure of a test file the lab's diagnostics are printed once; at its end the lab is tidied up.

tap_count=0
tap_failed=0
tap_planned=

# note TEXT, diag TEXT: comments; prove shows only the latter, for it goes to stderr
note() { printf "%s\n" "$*" | sed "s|^|# |"; }
diag() { note "$@" >&2; }

# plan N
plan()
{
	tap_planned=$1
	echo "1..$1"
}

# skip_all REASON: nothing can be tested here; a failure where tests must run
skip_all()
{
	if [ "${TESTS_MUST_RUN:-}" = 1 ]; then
		echo "Bail out! must not skip: $1"
		exit 1
	fi
	echo "1..0 # SKIP $1"
	tap_planned=0
	exit 0
}

# why TEXT: of the test that has failed last; each line names it, so that scripts/check finds it
why() { printf "%s\n" "$*" | sed "s|^|# ${0##*/} $tap_count: |" >&2; }

# tap_report STATUS NAME
tap_report()
{
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - $2"
		return 0
	fi
	echo "not ok $tap_count - $2"
	tap_failed=$((tap_failed + 1))
	[ $tap_failed -gt 1 ] || [ -z "${LAB_DIR:-}" ] || diag "$(lab_diagnostics)"
	return 1
}

# ok NAME CMD...: CMD succeeds; a failing CMD's output is shown
ok()
{
	local name=$1 output status=0

	shift
	output=$("$@" 2>&1) || status=$?
	tap_report $status "$name" || why "'$*' exited $status${output:+: $output}"
}

# is GOT EXPECTED NAME
is()
{
	[ "$1" = "$2" ]
	tap_report $? "$3" || why "got:      $1" "
expected: $2"
}

# like GOT REGEX NAME: an extended regular expression
like()
{
	[[ $1 =~ $2 ]]
	tap_report $? "$3" || why "got:        $1" "
must match: $2"
}

# prints NAME EXPECTED CMD...: CMD succeeds, each part of a pipeline too, and prints just that; its stderr is shown if not
prints()
{
	local name=$1 expected=$2 output errors status=0

	shift 2
	errors=$(mktemp)
	output=$(set -o pipefail; "$@" 2> "$errors") || status=$?
	[ $status = 0 ] && [ "$output" = "$expected" ]
	tap_report $? "$name" || why "'$*' exited $status
got:      $output
expected: $expected
$(tail -n 20 "$errors")"
	rm -f "$errors"
}

# matching REGEX CMD...: the lines of CMD's output that match; fails only if CMD does
matching()
{
	local text

	text=$(set -o pipefail; "${@:2}") || return
	[ -z "$text" ] || grep -E -e "$1" <<< "$text" || [ $? = 1 ]
}

# skip REASON: stands for one test; a failure where tests must run
skip()
{
	if [ "${TESTS_MUST_RUN:-}" = 1 ]; then
		tap_report 1 "must not skip: $1"
		return
	fi
	tap_count=$((tap_count + 1))
	echo "ok $tap_count # SKIP $1"
}

# done_testing: the last line of a test file without a plan
done_testing() { plan $tap_count; }

tap_end()
{
	local status=$?

	[ -z "${LAB_DIR:-}" ] || lab_tidy
	[ $status = 0 ] || exit $status
	[ "$tap_failed" = 0 ] && [ -n "$tap_planned" ] || exit 1
}
trap tap_end EXIT
