#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt's daemon ends when it has no guests, as its units have it, and systemd starts it when it is wanted: berth takes that for
# no fault, wakes it only where it has something to ask, and nothing of a migration is lost by it.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
LAB_DAEMON_TIMEOUT=2
fails() { ! "$@"; }
idle() { wait_until libvirtd_gone "$1"; }
# on_demand HOST: as it is on a host with systemd
on_demand() { on "$1" berth gate disable --quiet && libvirtd_stop "$1" && daemon_activate "$1" && libvirtd_ready "$1"; }
# says REGEX NAME CMD...: on hosta, and wakes nobody
says()
{
	like "$(on hosta "${@:3}" 2>&1)" "$1" "$2"
	ok "$2: nobody was woken" libvirtd_gone hosta
}

for host in hosta hostb; do ok "$host: the daemon runs on demand" on_demand $host; done
for host in hosta hostb; do ok "$host: and has ended, for it has no guests" idle $host; done

says "hook +ok +$LAB_DAEMON will run it: it starts when it is wanted" "berth check" berth check
ok "all is well" on hosta berth check --quiet
says "^gate: off; $LAB_DAEMON starts when it is wanted$" "the gate is off" berth gate status
says "^gate: on; $LAB_DAEMON starts when it is wanted$" "it is turned on, and nothing has to be restarted" berth gate enable
says "^$" "and then good" berth gate status --quiet
ok "so its exit status says" on hosta berth gate status --quiet
ok "a pid file stays behind, whose number is another process's by now" on hosta sh -c "sleep 600 > /dev/null 2>&1 & echo \$! > /run/$LAB_DAEMON.pid"
says "hook +ok +$LAB_DAEMON will run it" "berth check with such a file" berth check
says "^gate: on; $LAB_DAEMON starts when it is wanted$" "berth gate status with such a file" berth gate status
on hosta pkill -fx "sleep 600"

ok "guest boots, which wakes it" berth_boot hosta $guest
is "$(on hosta berth gate status)" "gate: on" "it runs with the gate"
pid=$(libvirtd_pid hosta)
ok "hostb's gate, which needs no restart either" on hostb berth gate enable --quiet
ok "hostb's daemon is away" libvirtd_gone hostb
ok "the guest comes to a host whose daemon is away" moved hosta $guest hostb
is "$(on hostb berth gate status)" "gate: on" "which verifies it"
ok "hosta's daemon has ended, for its guest has left" idle hosta
like "$(on hosta berth status 2>&1)" "$guest +departed" "berth status, which asks it, knows the stale image"
ok "hostb's daemon stays, for its guest is there" fails libvirtd_gone hostb
ok "the guest counts" wait_more_ticks $guest 3
ok "and comes back to a host whose daemon has ended meanwhile" moved hostb $guest hosta
ok "another one, then" fails test "$(libvirtd_pid hosta)" = "$pid"
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$(images_of hosta)/$guest.qcow2" "$(last_tick $guest)"

ok "hostb's daemon has ended" idle hostb
like "$(on hostb berth reap --departed 2>&1)" "removed '$(images_of hostb)/$guest.qcow2'" "berth reap removes what the guest has left there"
ok "it is turned off, while the daemon is away" idle hosta
says "^gate: off; $LAB_DAEMON starts when it is wanted$" "berth gate disable" berth gate disable
ok "for hostb, too" on hostb berth gate disable --quiet

ok "nobody listens any more" libvirtd_stop hosta
says "hook +wrong +$LAB_DAEMON does not run" "berth check where that is a fault" berth check
unset LAB_DAEMON_TIMEOUT
for host in hosta hostb; do ok "$host: the daemon runs as before" eval "libvirtd_stop $host && libvirtd_start $host"; done
done_testing
