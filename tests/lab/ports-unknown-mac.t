#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A policy's port that no interface has: a guest doesn't start so. One that runs is left alone, and may move, unless one of its
# interfaces would have no rules.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset
guest=vm1
other="$(policy "$(port "mac='$MAC2'" $IP1)")"
more="$(policy "$(port "mac='$MAC1'" $IP1)" "$(port "mac='$MAC2'" $IP2)")"
mistake="policy: <port> mac='$MAC2': no interface of the guest has this address, and its interface '$MAC1' would have no rules; "

verify_says() { on hosta berth verify "$@" 2>&1; }
no_rules_lost() { is "$(rules hosta)" "$before" "$1: the rules of before are in force"; }

# --- starts ---
start_refused "another address" "$mistake" "$other"
start_refused "a port too many" "policy: <port> mac='$MAC2': no interface of the guest has this address; " "$more"
virsh_on hosta undefine vm2 > /dev/null

# --- a mistake in the policy of a guest that runs ---
ok "guest boots" tiny_boot hosta $guest ip=$IP1/24 metadata="$(policy "$(port "mac='$MAC1'" $IP1)")"
before=$(rules hosta)
set_policy hosta $guest "$other"
said=$(on hosta berth sync $guest 2>&1) && said="exit 0: $said"
says "sync" $guest "$mistake"
no_rules_lost "sync"
said=$(verify_says $guest) && said="exit 0: $said"
like "$said" "$guest: -: wrong policy.*  $mistake" "verify tells it"
on hosta berth verify --repair $guest > /dev/null 2>&1
no_rules_lost "verify --repair"
ok "libvirtd restarts" libvirtd_restart hosta
is "$(guest_state hosta $guest)" running "and the guest runs on"
no_rules_lost "reconnect"
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
says "migration" $guest "$mistake"
no_rules_lost "migration"

# --- an interface that was unplugged, or is still to come ---
set_policy hosta $guest "$more"
like "$(on hosta berth sync $guest)" "$guest: port $MAC2 of the policy has no interface" "sync tells of a port too many"
like "$(verify_says $guest; echo "exit $?")" "$guest: -: no interface.*exit 0$" "and so does verify, which finds nothing wrong"
ok "it moves" moved hosta $guest hostb
ok "with its rules" rules_hold hostb $guest
saved=$(images_of hostb)/$guest.saved
ok "it is saved" virsh_on hostb save $guest "$saved"
ok "and restored" virsh_on hostb restore "$saved"
is "$(guest_state hostb $guest)" running "it runs"
ok "with its rules" rules_hold hostb $guest
guest_destroy hostb $guest
done_testing
