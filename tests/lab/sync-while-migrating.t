#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While a guest migrates, `berth sync` says so at once; what it was to do is done when that has ended, whichever way.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1

# uri_is TEXT: the guest's manifest on hosta has it, which berth.conf names
uri_is() { [ "$(manifest_of hosta $guest uri)" = "$1" ]; }
uri_becomes() { berth_conf hosta "[host]
uri = $1"; }
is_leaving() { on hosta virsh -q -c "$(uri_of hosta)" domjobinfo $guest | grep -q 'Operation: *Outgoing migration'; }
waiting() { on hosta pgrep -fx "/?.*berth sync --quiet [0-9a-f-]*"; }
one_waits() { [ "$(waiting | wc -l)" = 1 ]; }
nobody_waits() { ! waiting; }
nothing_left() { silent on hosta sh -c 'test ! -e /var/lib/berth/leaving || find /var/lib/berth/leaving -type f'; }
ended() { ! kill -0 $slow 2> /dev/null; }
# slow_migration MIB: its storage and memory go at so many MiB/s
slow_migration()
{
	MIGRATE_SECONDS=300 migrate hosta $guest hostb --bandwidth "$1" > "$LAB_DIR/slow.out" 2>&1 &
	slow=$!
	ok "it is under way" wait_until is_leaving
}

ok "guest boots" berth_boot hosta $guest
slow_migration 1
is "$(on hosta timeout 20 berth sync $guest 2>&1; echo $?)" \
	"$guest: the guest is migrating; its manifest is written when that has ended"$'\n0' "sync says so at once"
uri_becomes qemu+tcp://first/system
ok "all guests' sync too" on hosta timeout 20 berth sync --quiet
ok "one waits for all" wait_until one_waits
virsh_on hosta domjobabort $guest
ok "the migration is broken off" wait_until ended
ok "then the manifest is written" wait_until uri_is qemu+tcp://first/system
ok "and nobody waits any more" wait_until nobody_waits
ok "nothing is left" nothing_left

slow_migration 4
uri_becomes qemu+tcp://second/system
like "$(on hosta timeout 20 berth sync $guest 2>&1; echo $?)" "the guest is migrating.*0$" "sync says so at once again"
ok "one waits" wait_until one_waits
wait $slow && status=0 || status=$?
is $status 0 "the guest arrives"
ok "and has a manifest there" wait_until manifest_is_from hostb $guest
ok "nobody waits any more" wait_until nobody_waits
ok "nothing is left" nothing_left
prints "and nobody complains" "" matching 'berth\[.*sync: ' on hosta cat /var/log/messages
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
done_testing
