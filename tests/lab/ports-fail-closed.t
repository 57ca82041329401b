#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A probe sends what no rule allows from before a guest has its interface: the guest never gets one, however it comes.
# FAIL_CLOSED_STARTS: how often it starts; default 10

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset
guest=vm1
starts=${FAIL_CLOSED_STARTS:-10}
probe=02:00:00:00:be:ef
said="tiny ready $MAC1 $IP1"
only_ping=$(policy "$(port "mac='$MAC1'" $IP1 web)" "$(group web "ingress protocol='icmp' type='8'")")

heard() { grep -c "^heard $probe" "$(console_of $guest)"; }
# awake N: it has started N times, and gone on for a while since
awake() { [ "$(tr -d '\r' < "$(console_of $guest)" | awk -v said="$said" '$0 == said { n++; ticks = 0 } /^tick/ { ticks++ } END { print n * (ticks > 2) }')" = "$1" ]; }
has_dropped() { [ "$(ports_of "$1" $guest dropped.ingress)" -gt 100 ]; }

setpriv --pdeathsig KILL "$LAB_SRC/flood" lan $probe $MAC1 $IP1 &
flood=$!
tiny_define hosta $guest "ip=$IP1/24"
ok "without a policy it starts" guest_start hosta $guest
ok "and hears the probe" wait_until tiny_said $guest "heard $probe (0800|86dd|88b5)"
guest_destroy hosta $guest
virsh_on hosta undefine $guest > /dev/null
: > "$(console_of $guest)"

tiny_define hosta $guest "ip=$IP1/24" metadata="$only_ping"
woken=0
blocked=0
for ((i = 1; i <= starts; i++)); do
	[ $i = 1 ] || guest_destroy hosta $guest
	guest_start hosta $guest
	wait_until awake $i || break
	woken=$i
	wait_until has_dropped hosta && blocked=$((blocked + 1))
done
is $woken "$starts" "it starts $starts times with a policy"
is $blocked "$starts" "the probe has tried each time"
is "$(heard)" 0 "it has heard the probe in none of $starts starts"
ok "it has its manifest" wait_until manifest_is_from hosta $guest

from=hosta
to=hostb
for i in 1 2; do
	ok "arrival $i" moved $from $guest $to
	ok "arrival $i: the probe has tried" wait_until has_dropped $to
	prints "arrival $i: it is up, and answers pings only" "" passes $IP1 tcp:23
	is "$(heard)" 0 "arrival $i: it hasn't heard the probe"
	from=$to
	to=hosta
done
set_policy hosta $guest ""
on hosta berth sync $guest > /dev/null
ok "when its policy is gone it hears the probe" wait_until tiny_said $guest "heard $probe (0800|86dd|88b5)"
kill $flood
done_testing
