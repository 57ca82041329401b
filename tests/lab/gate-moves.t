#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests move through the gate, there and back, running and paused; each was verified before it ran.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=mover

# verified HOST: how often it has let the guest pass
verified() { on "$1" grep -c "berth: $guest: verified" /var/log/messages; }
# token HOST TEXT: of the newest state in its log
token() { on "$1" sed -n "s/.*berth: $guest: $2.*token \([0-9a-f]*\).*/\1/p" /var/log/messages | tail -n 1; }

ok "the gate is on everywhere" gate_on
ok "guest boots on hosta" berth_boot hosta $guest
is "$(verified hosta)" 0 "nothing was to be verified"
ok "it moves" moved hosta $guest hostb
is "$(verified hostb)" 1 "and was verified on hostb"
like "$(token hosta "its migration begins")" "^[0-9a-f]{32}$" "the state has a token"
is "$(token hostb verified)" "$(token hosta "its migration begins")" "which is in both logs"
ok "it counts on" wait_more_ticks $guest 3

ok "back" moved hostb $guest hosta
is "$(verified hosta)" 1 "and was verified on hosta"
ok "it counts on" wait_more_ticks $guest 3
ok "peer to peer" moved hosta $guest hostb --p2p
is "$(verified hostb)" 2 "and was verified on hostb"

ok "it is paused" virsh_on hostb suspend $guest
ok "and moves so" moved hostb $guest hosta
is "$(guest_state hosta $guest)" paused "it arrives paused"
is "$(verified hosta)" 1 "nothing was verified yet"
ok "it is resumed there" virsh_on hosta resume $guest
is "$(verified hosta)" 2 "and was verified then"
ok "it counts on" wait_more_ticks $guest 3
ok "paused and resumed once more" eval "virsh_on hosta suspend $guest && virsh_on hosta resume $guest"
is "$(verified hosta)" 2 "which isn't to be verified"

guest_destroy hosta $guest
ok "no tick was lost" check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$(images_of hosta)/$guest.qcow2" "$(last_tick $guest)"
ok "the gate is off again" gate_off
done_testing
