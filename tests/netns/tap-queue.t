#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What waited in a tap before its guest came is dropped, in each of its queues; what comes later is not.

if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare --net "$BASH" "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
tool=$root/build/tests/netns/link-tool
[ -x "$tool" ] || skip_all "no $tool; make test-programs"

# counted WHEN: the number of such frames in each queue
counted() { grep -o "$1=[0-9]*" <<< "$out" | cut -d= -f2 | paste -sd' '; }
# queue_length LINK: iproute2 doesn't show one of 0
queue_length() { ip -j link show "$1" | grep -o '"txqlen":[0-9]*' || echo none; }

plan 12
ip link add br-lan type bridge forward_delay 0
ip link set br-lan up
out=$("$tool" tap-queue br-lan tap0 keep)
is "$(($(counted before | tr ' ' +)))" 64 "without berth, the reader gets every frame of before"
is "$(($(counted after | tr ' ' +)))" 64 "and of after"
like "$(counted before)" "^[1-9][0-9]* [1-9][0-9]*$" "both queues had some"
out=$("$tool" tap-queue br-lan tap0 drop)
is "$(counted before)" "0 0" "link_drop_queued(): none of before"
is "$(($(counted after | tr ' ' +)))" 64 "all of after"
like "$(counted after)" "^[1-9][0-9]* [1-9][0-9]*$" "in both queues"

ip tuntap add tap1 mode tap
ip link set tap1 txqueuelen 777
is "$("$tool" drop-queued tap1)" "= 0" "a tap that nobody has open"
is "$(queue_length tap1)" '"txqlen":777' "has its queue's length again"
ip link set tap1 txqueuelen 0
is "$("$tool" drop-queued tap1)" "= 0" "a queue of length 0, in which nothing can wait"
like "$(queue_length tap1)" '^(none|"txqlen":0)$' "stays so" # ip of Debian 12 leaves it out
is "$("$tool" drop-queued nosuch 2>&1)" "ENODEV: interface 'nosuch': is not on this host" "no such interface"
is "$("$tool" drop-queued a-name-of-20-letters 2>&1)" \
	"ENODEV: interface 'a-name-of-20-letters': is not on this host" "nor one of that length"
