#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirtd kills a running guest whose hook refuses at reconnect: berth-hook never does.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
work=$(mktemp -d)
trap 'rm -rf "$work"; tap_end' EXIT
head -c 6000000 /dev/zero | tr '\0' x > "$work/xml"

# hook EVENT FILE: its exit status, with memory for less than such a text
hook()
{
	(ulimit -v 5000; exec build/berth-hook no-such-guest "$1" begin - < "$2" > "$work/out" 2>&1)
	echo $?
}

is "$(hook reconnect "$work/xml")" 0 "no memory for the XML"
like "$(cat "$work/out")" "out of memory" "and there is none"
is "$(hook started "$work/xml")" 1 "at another event it is a failure"
is "$(hook reconnect "$work")" 0 "the XML can't be read"
done_testing
