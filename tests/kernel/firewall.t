#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With connection tracking and its zones, Debian's kernel makes of golden cases what nft makes of their listings.
# KERNEL_CASES="CASE...": which of tests/data/firewall; '*': all, which takes minutes.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/firewall.sh
. "$root/tests/netns/firewall.sh"
[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"

# Each kind of VLAN, and what differs from the others most; tests/netns/firewall.t goes through all.
cases=${KERNEL_CASES:-vlan-aware vlan-aware-two-vlans vlan-bridges vlan-bridges-two-vlans vlan-and-none closed-pattern groups-two
	port-bare pair-prefix-odd-length-ipv6 rule-icmp-type-and-code rule-ports-prefix-overlap remote-group-both-families
	interface-odd-characters guest-name-quotes rules-300}
work=$(mktemp -d)
mkdir "$work/cases" "$work/json"
# shellcheck disable=SC2086 # words, patterns
(cd "$root/tests/data/firewall" && printf "$PWD/%s\0" $cases | xargs -0 ln -st "$work/cases")
is "$("$root/build/tests/firewall-tool" track)" yes "this kernel tracks bridged connections, in zones"
check_cases tracking "$work/json" "$work/cases"
check_differences tracking "$work/json" "$work/cases" 12
compare_json "$work/json"
prints "nothing is left" "" nft list ruleset
done_testing
