#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirtd is killed on either side when the guest has passed the gate, or is about to: it runs exactly once, on the destination,
# with all its data. A copy that libvirt leaves at the source stays paused.
# Long: it kills libvirtd in one phase after the other.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1

no_qemu() { ! on "$1" pgrep -f "qemu-system.*guest=$guest"; }
departed() { on hosta grep -rq "path=.*/$guest.qcow2.state=departed" /var/lib/berth/images; }

# arrives WHAT HOST PROGRAM WORD KILLED [VIRSH-OPTION]...: libvirtd of KILLED is killed while berth-PROGRAM WORD runs on HOST
arrives()
{
	local what=$1 killed=$5

	hold "$2" "$3" "$4"
	migrate hosta $guest hostb "${@:6}" > "$LAB_DIR/said" 2>&1 &
	ok "$what: it comes so far" is_held
	ok "$what: libvirtd is killed" libvirtd_kill "$killed"
	let_go "$2" "$3"
	wait $! || note "$what: virsh: $(tail -n 1 "$LAB_DIR/said")" # its connection or that of the source's libvirtd is lost
	ok "$what: libvirtd comes again" libvirtd_start "$killed"
	ok "$what: the guest counts on" wait_more_ticks $guest 5
	is "$(guest_state hostb $guest)" running "$what: on hostb"
	ok "$what: hostb settles" wait_settled hostb
}
# whole HOST: it has lost nothing
whole()
{
	guest_destroy "$1" $guest
	prints "$2: ticks lost" 0 check_ticks "$(console_of $guest)"
	prints "$2: sectors lost" 0 check_sectors "$1" "$(images_of "$1")/$guest.qcow2" "$(last_tick $guest)"
}
# left WHAT: hosta has let it go, and it can come back
left()
{
	ok "$1: hosta has it no more" wait_until no_qemu hosta
	ok "$1: hosta knows that its image is stale" wait_until departed
	ok "$1: it comes back" moved hostb $guest hosta
}
# In phase perform3_done only the answer of Finish could tell whether it runs there (qemuProcessRecoverMigrationOut): libvirt leaves
# the source's copy paused and lets the administrator look. Nothing but a person's `virsh resume` makes it run.
paused_copy()
{
	is "$(virsh_on hosta domstate --reason $guest)" "paused (migrating)" "$1: hosta's copy is paused"
	ok "$1: libvirtd restarts once more" libvirtd_restart hosta
	is "$(virsh_on hosta domstate --reason $guest)" "paused (migrating)" "$1: it stays so"
	guest_destroy hosta $guest
	ok "$1: without it the guest counts on" wait_more_ticks $guest 3
	is "$(guest_state hostb $guest)" running "$1: on hostb"
	is "$(on hosta berth reap)" "nothing to reap" "$1: nothing is left on hosta"
}

ok "the gate is on everywhere" gate_on
ok "guest boots" berth_boot hosta $guest
arrives "source at stopped" hosta hook stopped hosta
left "source at stopped"
arrives "source at release" hosta hook release hosta --p2p
left "source at release"
# Its resume has been answered: the source is ending its own copy.
arrives "destination after its resume" hosta hook stopped hostb
left "destination after its resume"
whole hosta "there and back"

guest_wipe $guest
for option in "" --p2p; do
	ok "guest boots once more" berth_boot hosta $guest
	arrives "source while verified $option" hostb gate verify hosta $option
	paused_copy "source while verified $option"
	whole hostb "source while verified $option"
	guest_wipe $guest
done
ok "the gate is off again" gate_off
done_testing
