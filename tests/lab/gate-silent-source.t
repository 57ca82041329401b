#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that says nothing of its guest: the guest isn't taken, or, where that shows only later, isn't let run when somebody
# resumes it, until a person turns the gate off for it.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
marks() { on hostb sh -c 'ls /run/berth/unverified 2> /dev/null | wc -l'; }
unmarked() { [ "$(marks)" = 0 ]; }
refused() { said=$("$@" 2>&1) && said="it was done"; }

ok "no host has the gate" gate_off
ok "hostb has it" gate_on hostb
ok "guest boots on hosta, which has none" berth_boot hosta $guest
refused migrate hosta $guest hostb --suspend
like "$said" "the gate of host 'hosta' has not said what the guest's disks and ports are" "it isn't taken to be resumed there"
is "$(guest_state hosta $guest)" running "it goes on at its source"
ok "hostb settles" wait_settled hostb
ok "it is paused" virsh_on hosta suspend $guest
refused migrate hosta $guest hostb
like "$said" "the gate of host 'hosta' has not said" "nor is it taken paused"
ok "hostb settles" wait_settled hostb
ok "it is resumed" virsh_on hosta resume $guest

ok "hosta has the gate too" gate_on hosta
gate_stub hosta 'exit 1'
ok "it is paused, and hosta can't look at it" virsh_on hosta suspend $guest
ok "it moves so" migrate hosta $guest hostb
gate_unstub hosta
ok "hostb settles" wait_settled hostb
refused virsh_on hostb resume $guest
like "$said" "berth: $guest: .*has not said what the guest's disks and ports were" "on hostb it isn't resumed"
is "$(guest_state hostb $guest)" paused "it stays paused"
is "$(marks)" 1 "it is marked"
ok "the gate is off on hostb" gate_off hostb
ok "there a person resumes it" virsh_on hostb resume $guest
ok "it counts on" wait_more_ticks $guest 3
ok "the gate is on again" gate_on hostb
ok "it isn't marked any more" wait_until unmarked
ok "it is paused" virsh_on hostb suspend $guest
ok "and resumed" virsh_on hostb resume $guest
ok "it counts on" wait_more_ticks $guest 3
ok "it has its manifest" wait_until manifest_is_from hostb $guest
on hosta rm -f /var/lib/libvirt/images/$guest.qcow2
ok "it moves back, asked and verified" moved hostb $guest hosta
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
ok "the gate is off again" gate_off
guest_destroy hosta $guest
done_testing
