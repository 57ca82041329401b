#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tiny guest itself: two of them on a bridge hear and reach each other, and one moves while they are connected.

if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc "$BASH" "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/tiny.sh
. "$root/tests/netns/tiny.sh"
first=52:54:00:00:00:01
second=52:54:00:00:00:02

# boot NAME MAC LINE [QEMU'S OPTIONS]: with its tap on br0
boot()
{
	ip tuntap add dev "$1" mode tap && ip link set dev "$1" master br0 up || return
	tiny "$1" "$3" -netdev "tap,id=net,ifname=$1,script=no,downscript=no" -device "virtio-net-pci,netdev=net,mac=$2,romfile=" "${@:4}"
}

# in_order NAME: "tcp got" counts from where it begins, without a gap
in_order() { sed -n 's/^tcp got //p' "$work/$1" | awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }'; }

ip link set lo up
ip link add br0 type bridge && ip link set br0 up
ok "one boots" boot one $first "ip=10.0.0.1/24 peer=10.0.0.2 listen=5001"
ok "another boots" boot two $second "ip0=10.0.0.2/24 peer=10.0.0.1 tcp=10.0.0.1:5001"
[ "$tap_failed" = 0 ] || exit 1
ok "it says its MAC address" says one "tiny ready $first 10.0.0.1"
ok "it hears the other's ARP" says one "heard $second 0806"
ok "the other hears it" says two "heard $first (0806|0800)"
ok "it is answered" says one "pong 10.0.0.2 [0-9]+"
ok "so is the other" says two "pong 10.0.0.1 [0-9]+"
ok "datagrams arrive" says one "udp 10.0.0.2 7777 7777"
ok "a connection is made" says two "tcp connected 10.0.0.1 5001"
ok "numbers arrive" says one "tcp got 5"

ok "a place to move to" boot away $second "" -incoming "unix:$work/migration"
ok "it waits" listens away
got=$(last one "tcp got")
echo "migrate -d unix:$work/migration" > "$work/two.monitor.in"
ok "it goes on there" says away "tick [0-9]+"
ok "the connection lives on" says away "tcp acked $((got + 30))"
ok "numbers arrive still" says one "tcp got $((got + 30))"
ok "none was lost" in_order one
ok "it pings again" says away "pong 10.0.0.1 [0-9]+"
prints "nothing is broken" "" matching 'BROKEN|tcp reset' cat "$work"/{one,two,away}
done_testing
