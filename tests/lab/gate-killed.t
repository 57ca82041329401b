#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirtd is killed while it waits at the gate, on either side: the guest runs exactly once, with all its data.
# Long: it kills libvirtd in one phase after the other.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1

# killing HOST VERB: its libvirtd is killed the next time that berth-gate is asked this, which answers nobody then
killing()
{
	gate_stub "$1" "pid=\$(cat /run/$LAB_DAEMON.pid)
		[ \"\$1\" != $2 ] || ! rm /run/kill-once || { kill -KILL \$pid; while [ -e /proc/\$pid ]; do sleep 0.1; done; }
		exec /usr/libexec/berth/berth-gate.real \"\$@\""
	on "$1" touch /run/kill-once
}
was_killed() { on "$1" test ! -e /run/kill-once && libvirtd_gone "$1"; }
on_its_own() { [ "$(on "$1" pgrep -fc berth-gate)" = 0 ]; }

# survives HOST VERB [VIRSH-OPTION]...: the migration ends, libvirtd comes again, the guest is where it was
survives()
{
	local host=$1 what="${*:2}, $1"

	killing "$host" "$2"
	migrate hosta $guest hostb "${@:3}" > "$LAB_DIR/said" 2>&1 && echo "it arrived" >> "$LAB_DIR/said"
	ok "$what: libvirtd is killed" was_killed "$host"
	ok "$what: it comes again" libvirtd_start "$host"
	is "$(grep -c 'it arrived' "$LAB_DIR/said")" 0 "$what: the migration has failed"
	ok "$what: berth-gate ends" wait_until on_its_own "$host"
	gate_unstub "$host"
	ok "$what: the guest counts on" wait_more_ticks $guest 5
	is "$(guest_state hosta $guest)" running "$what: on hosta"
	ok "$what: and nowhere else" wait_until eval "! on hostb pgrep -f 'qemu-system.*guest=$guest'"
	ok "$what: hostb settles" wait_settled hostb
}

ok "the gate is on everywhere" gate_on
ok "guest boots" berth_boot hosta $guest
survives hosta inquire
survives hosta inquire --p2p
survives hostb verify
survives hostb verify --p2p
ok "then it moves" moved hosta $guest hostb
ok "it counts on" wait_more_ticks $guest 3
guest_destroy hostb $guest
ok "no tick was lost" check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$(images_of hostb)/$guest.qcow2" "$(last_tick $guest)"
ok "the gate is off again" gate_off
done_testing
