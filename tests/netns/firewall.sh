# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The firewall's golden cases in a kernel (sourced by *.t): a test for each line of tests/firewall-cases and firewall-json.pl.

firewall_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# each_line NAME: "ok WHAT" and "not ok WHAT" on standard input, of the program NAME; there must be some
each_line()
{
	local line count=0

	while IFS= read -r line; do
		case $line in
		"ok "*) tap_report 0 "${line#ok }" ;;
		"not ok "*) tap_report 1 "${line#not ok }" ;;
		*) diag "$line" && continue ;;
		esac
		count=$((count + 1))
	done
	[ $count -gt 0 ]
	tap_report $? "$1 said something"
}

# run_cases ARGUMENT...: of tests/firewall-cases; it comes to its end
run_cases()
{
	each_line "firewall-cases $1" < <("$firewall_root/build/tests/firewall-cases" "$@" || echo "not ok firewall-cases $1: exit $?")
}

# check_cases tracking|stateless OUT FOLDER, check_differences tracking|stateless OUT FOLDER PAIRS: JSON goes to OUT
check_cases() { run_cases cases "$@"; }
check_differences() { run_cases differences "$@"; }

# compare_json FOLDER
compare_json() { each_line firewall-json.pl < <("$firewall_root/tests/firewall-json.pl" "$1" || echo "not ok firewall-json.pl: exit $?"); }
