#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `berth sync` gives a running guest what its changed policy wants: established connections and counters stay.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
ports_reset
guest=vm1

sync() { on hosta berth sync $guest; }
talks() { echo "$1" >&3 && read -r -t 10 answer <&3 && [ "$answer" = "$1" ]; }
connect() { exec 3<> /dev/tcp/$IP1/24; } 2> /dev/null
# first_rule CHAIN: "HANDLE PACKETS" of the chain's first rule, which counts them all
first_rule() { on hosta nft -a list chain bridge berth "$1" | sed -nE '/counter packets/{s/.*packets ([0-9]+).* handle ([0-9]+)/\2 \1/p;q}'; }
counts_on()
{
	local now

	now=$(first_rule "$port-ingress")
	[ "${now% *}" = "${first% *}" ] && [ "${now#* }" -ge "${first#* }" ]
}

ok "guest boots" berth_boot hosta $guest ip=$IP1/24 metadata="$(usual_policy)"
in_guest $IP1 'nc -l -p 24 -e cat < /dev/null > /dev/null 2>&1 &'
wait_until connect
ok "a connection to the guest" talks one
port=$(tap_of hosta $guest)
first=$(first_rule "$port-ingress")
before=$(rules hosta)
is "$(sync | grep ports)" "$guest: ports are up to date" "nothing changed: berth sync does nothing"
is "$(rules hosta)" "$before" "the rules are byte for byte the same"

set_policy hosta $guest "$(usual_policy "ingress protocol='tcp' ports='80'")"
prints "a changed policy has no effect by itself" "" passes $IP1 tcp:80 udp:53
is "$(sync | grep ports)" "$guest: ports changed" "berth sync says that it changed something"
is "$(passes $IP1 tcp:80 udp:53)" tcp:80 "the new rule holds"
ok "the connection goes on" talks two
ok "unchanged rules keep their handles and counters" counts_on
set_policy hosta $guest "$(usual_policy)"
sync > /dev/null
prints "a rule is taken back" "" passes $IP1 tcp:80 udp:53
ok "the connection goes on" talks three
ok "counters too" counts_on
exec 3>&-

set_policy hosta $guest ""
is "$(sync | grep ports)" "$guest: ports changed" "without policy: berth sync takes the rules away"
prints "nothing is left of them" "" on hosta nft list ruleset
is "$(passes $IP1 tcp:80)" tcp:80 "everything passes"
set_policy hosta $guest "$(usual_policy)"
is "$(on hosta berth sync | grep ports)" "$guest: ports changed" "with a policy again they are back"
ok "as the policy wants them" rules_hold hosta
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
done_testing
