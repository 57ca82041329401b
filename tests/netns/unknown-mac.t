#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A policy's port that no interface has, event by event: an ordinary start is refused; a guest that comes as it ran may have one,
# unless one of its interfaces would have no rules; and a guest that runs keeps what it has.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/gate.sh
. "$root/tests/netns/gate.sh"
gate_hosts || skip_all "no namespaces of our own"
policy=/tmp/policy.$$
trap 'rm -f "$policy"' EXIT

# has_ports LAST-BYTE...: the guest, whose interface is :01, has a policy with these
has_ports()
{
	local byte

	{
		echo "<b:policy xmlns:b='urn:berth:policy:1'>"
		for byte; do echo "<b:port mac='52:54:00:00:00:$byte'/>"; done
		echo "</b:policy>"
	} > "$policy"
	gate_status source vnet0 "$policy"
}
# event OPERATION: its output, and its exit status; a guest that migrates here doesn't run here
event()
{
	[ "$1" != migrate ] || gate_status source vnet0 "$policy" "<job async='migration in' phase='prepare'/>"
	gate_event source "$1" begin 2>&1
	echo $?
	gate_status source vnet0 "$policy"
}
passes() { like "$(event "$1")" '(^|[[:space:]])0$' "$2: $1 passes"; }
refused() { like "$(event "$1")" "^berth: $GUEST: policy: <port> mac='52:54:00:00:00:02': no interface of the guest has this address$3; .*1\$" "$2: $1 is refused"; }
unguarded=", and its interface '52:54:00:00:00:01' would have no rules"

gate_port source vnet0
has_ports 01
passes prepare "the right port"
passes start "the right port"
before=$(nft list table bridge berth)

has_ports 02
for operation in migrate restore prepare gate; do refused $operation "another address" "$unguarded"; done
passes reconnect "another address"
is "$(nft list table bridge berth)" "$before" "another address: the rules of before stay"
refused start "another address" "$unguarded"

has_ports 01 02
refused prepare "a port too many" ""
for operation in migrate restore; do
	passes $operation "a port too many"
	passes prepare "a port too many, behind $operation"
	passes start "a port too many, behind $operation"
	refused prepare "a port too many, at the next start" ""
done
passes reconnect "a port too many"
passes gate "a port too many"
done_testing
