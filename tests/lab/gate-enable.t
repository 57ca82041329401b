#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gate is turned on, host after host, while guests run; and off again, which leaves nothing.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_lock_managers
berth_reset
conf=/etc/libvirt/qemu.conf
guest=vm1
configured() { on "$1" sha256sum "$conf" /etc/libvirt/qemu-berth.conf; }
fails() { ! "$@"; }
state() { on "$1" berth gate status; }

before=$(configured hosta)
ok "guest boots" berth_boot hosta $guest
like "$(state hosta)" "^gate: off$" "the gate is off"
ok "and says so by its exit status" fails on hosta berth gate status --quiet
like "$(on hosta berth check)" "gate +note +off; hosts that have it on take" "berth check too"

like "$(on hosta berth gate enable)" "^gate: on, but not before '$LAB_DAEMON' is restarted: systemctl restart $LAB_DAEMON" "it is turned on"
like "$(on hosta cat $conf)" 'lock_manager = "berth"' "in qemu.conf"
is "$(on hosta sha256sum $conf.before-berth | cut -d' ' -f1)" "$(cut -d' ' -f1 <<< "$before" | head -1)" "whose old text is kept"
enabled=$(configured hosta)
ok "turned on again" on hosta berth gate enable --quiet
is "$(configured hosta)" "$enabled" "nothing changes"
ok "it is not on before libvirtd is restarted" fails on hosta berth gate status --quiet
ok "so berth check is not content" fails on hosta berth check --quiet
ok "libvirtd restarts" libvirtd_restart hosta
is "$(state hosta)" "gate: on" "now it is"
ok "berth check is content" on hosta berth check --quiet
ok "the guest counts on" wait_more_ticks $guest 3

ok "to a host without it the guest moves, for there nobody asks" moved hosta $guest hostb
ok "it counts on there" wait_more_ticks $guest 3
said=$(migrate hostb $guest hosta 2>&1) && said="it migrated"
like "$said" "berth: vm1: .*gate" "but not from a host without it to one that asks"
ok "the guest counts on" wait_more_ticks $guest 3
ok "hostb gets it too" gate_on hostb
ok "now the guest moves back" moved hostb $guest hosta
ok "and counts on" wait_more_ticks $guest 3

ok "it is turned off everywhere" gate_off
is "$(configured hosta)" "$before" "the files are as before"
is "$(state hosta)" "gate: off" "the gate is off"
ok "the guest moves without it" moved hosta $guest hostb
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"

on hosta sh -c "echo 'lock_manager = \"lockd\" # ours' >> $conf"
before=$(configured hosta)
like "$(on hosta berth gate enable)" "^gate: on, then lock manager 'lockd'" "another lock manager is chained"
ok "in qemu-berth.conf" on hosta grep -qx 'chain = "lockd"' /etc/libvirt/qemu-berth.conf
ok "and set back" on hosta berth gate disable --quiet
is "$(configured hosta)" "$before" "as it was"

# two_lines FIRST SECOND: both name a lock manager; libvirt takes the first
two_lines()
{
	on hosta sh -c "sed -i '/^lock_manager/d' $conf && printf 'lock_manager = \"%s\"\n' $1 $2 >> $conf" && libvirtd_restart hosta
}
ok "two lines: berth, nop" two_lines berth nop
is "$(state hosta)" "gate: on" "libvirt takes the first, and berth knows"
ok "two lines: nop, berth" two_lines nop berth
is "$(state hosta)" "gate: off; lock manager 'nop'" "also where that is another lock manager"
ok "none: libvirtd restarts" eval "on hosta sed -i '/^lock_manager/d' $conf && libvirtd_restart hosta"
done_testing
