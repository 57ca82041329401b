#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A migration that is cancelled, loses its peer, or whose libvirtd is killed leaves nothing behind, and the guest goes on.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1

# A migration that stays under way: its storage goes at 1 MiB/s.
slow_migration()
{
	migrate hosta $guest hostb "$@" > "$LAB_DIR/slow.out" 2>&1 &
	slow=$!
	wait_until mirroring
}
mirroring() { [ -n "$(on hostb sh -c "grep -l started /var/lib/berth/journal/*" 2> /dev/null)" ]; }
ended() { ! kill -0 $slow 2> /dev/null; }
as_before() { [ "$(host_snapshot hostb)" = "$before" ]; }

# broken_off HOW: after it nothing is left on hostb and the guest runs on hosta
broken_off()
{
	ok "$1: the migration ends" wait_until ended
	wait $slow && diag "it arrived: $(cat "$LAB_DIR/slow.out")"
	ok "$1: hostb is as before" wait_until as_before
	is "$(host_snapshot hostb)" "$before" "$1: nothing is left"
	is "$(guest_state hosta $guest)" running "$1: the guest runs on hosta"
	ok "$1: and counts" wait_more_ticks $guest 3
}

ok "guest boots" berth_boot hosta $guest
before=$(host_snapshot hostb)

slow_migration --bandwidth 1
virsh_on hosta domjobabort $guest
broken_off "virsh domjobabort"

slow_migration --bandwidth 1 --p2p
virsh_on hosta domjobabort $guest
broken_off "virsh domjobabort with --p2p"

slow_migration --bandwidth 1 --p2p
libvirtd_kill hostb
wait_until ended
libvirtd_start hostb
broken_off "hostb's libvirtd is killed"

slow_migration --bandwidth 1
on hostb pkill -KILL qemu-system
broken_off "hostb's QEMU is killed"

slow_migration --bandwidth 1 --p2p
on hosta ip link set eth0 down
sleep 1
on hosta ip link set eth0 up
virsh_on hosta domjobabort $guest 2> /dev/null
broken_off "the network goes and comes"

ok "and then it migrates" moved hosta $guest hostb
ok "and comes back" moved hostb $guest hosta
before=$(host_snapshot hostb)

# Last, for libvirt's own sake: killed now, it leaves its NBD node in the source's QEMU, and a later
# copy may fail with "Duplicate nodes with node-name='migration-vda-storage'" (seen on 9.0.0).
slow_migration --bandwidth 1 --p2p
libvirtd_kill hosta
libvirtd_start hosta
broken_off "hosta's libvirtd is killed"

guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$(images_of hosta)/$guest.qcow2" "$(last_tick $guest)"
done_testing
