#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A destination that loses power in the middle of a migration settles it by itself, or with the next one, without anybody's word:
# nothing stays of a guest that can't have run there, and what may have run there is kept under another name.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
there=$(images_of hostb)/$guest.qcow2

mirroring() { on hostb sh -c "grep -l started /var/lib/berth/journal/* && test -e $there"; }
ended() { ! kill -0 $slow 2> /dev/null; }
nothing_runs() { ! on hostb pgrep "qemu-system|$LAB_DAEMON_PROCESSES|^berth"; }
is_another_boot() { on hostb cmp -s "$LAB_DIR/boot-id" /proc/sys/kernel/random/boot_id; }
# power_cut: of hostb: no process of it goes on, what /run held is gone, and the kernel is another boot's
power_cut()
{
	on hostb ip link set eth0 down
	on hostb pkill -KILL "qemu-system|$LAB_DAEMON_PROCESSES|^berth"
	wait_until nothing_runs || return
	on hostb sh -c 'rm -rf /run/libvirt /run/*.pid /run/*.activated /run/berth'
	cat /proc/sys/kernel/random/uuid > "$LAB_DIR/boot-id"
	is_another_boot || on hostb mount --bind "$LAB_DIR/boot-id" /proc/sys/kernel/random/boot_id
	on hostb ip link set eth0 up
	libvirtd_start hostb
}
# cut_in_the_middle WHAT: hostb loses power while the guest's storage comes at 1 MiB/s; the guest goes on at hosta
cut_in_the_middle()
{
	migrate hosta $guest hostb --bandwidth 1 > "$LAB_DIR/slow.out" 2>&1 &
	slow=$!
	ok "$1: the migration is under way" wait_until mirroring
	ok "$1: hostb loses power, and comes again" power_cut
	virsh_on hosta domjobabort $guest > /dev/null 2>&1
	ok "$1: the migration has failed" wait_until ended
	is "$(guest_state hosta $guest)" running "$1: the guest runs on hosta"
	ok "$1: and counts" wait_more_ticks $guest 3
}
# kept: the image that a cut migration has left
kept() { on hostb find "$(images_of hostb)" -name "$guest.qcow2.interrupted-*"; }
reaped() { [[ $(on hostb berth reap 2>&1) == *"$1"* ]]; }

ok "guest boots" berth_boot hosta $guest
ok "the gate is on everywhere" gate_on
before=$(host_snapshot hostb)
cut_in_the_middle "with the gate"
ok "with the gate: berth reap knows that it never ran" wait_until reaped "$guest: never arrived: what was made for it is removed"
is "$(host_snapshot hostb)" "$before" "with the gate: nothing is left"
cut_in_the_middle "with the gate, at once"
ok "with the gate, at once: the next migration is not refused" moved hosta $guest hostb
prints "with the gate, at once: nothing was kept" "" kept
ok "it comes back" moved hostb $guest hosta
ok "its stale image there goes" on hostb berth reap --departed

ok "the gate is off again" gate_off
cut_in_the_middle "without the gate"
ok "without the gate: berth reap doesn't know" wait_until reaped "nobody here can tell whether it has run on this host"
inode=$(on hostb stat -c %i "$there")
ok "without the gate: what came is still there" test -n "$inode"
ok "without the gate: the next migration is not refused" moved hosta $guest hostb
is "$(on hostb stat -c %i "$(kept)")" "$inode" "without the gate: what came before is kept"
like "$(on hostb berth status)" "$guest +aside .* $there.interrupted-" "and berth knows it"
guest_destroy hostb $guest
like "$(on hostb berth reap --departed)" "removed '$there.interrupted-[0-9a-f]*'" "until berth reap --departed"
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$there" "$(last_tick $guest)"
on hostb umount /proc/sys/kernel/random/boot_id
done_testing
