#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The danger, without berth: --copy-storage-inc without --migrate-disks mirrors a file onto itself that both hosts share, where the
# file system passes no locks on, and says it went well.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/lab/lockless.sh
. "$(dirname "$0")/lockless.sh"

guest=mirrored
image=$pool/$guest.raw

ok "a folder that both hosts share, without locks" share_without_locks
on hosta sh -c "truncate -s 128M $image; chmod 666 $image"
ok "guest boots" guest_boot hosta $guest vda="$(disk_xml vda $image raw)" nic=
# A block on its way to hostb for a while: what the guest writes to it meanwhile, hostb writes over.
on hosta tc qdisc add dev eth0 root tbf rate 50mbit burst 32kb latency 400ms && slow=1 || slow=0
ok "libvirt's migration is successful" migrate hosta $guest hostb --suspend
[ "$slow" = 0 ] || on hosta tc qdisc del dev eth0 root
written=$(virsh_on hosta domjobinfo $guest --completed | awk '/^File processed:/ { print $3, $4 }')
like "$written" '^[0-9.]+ [KMG]iB$' "hostb has written the guest's own disk before the guest ran there"
diag "hostb wrote $written"
if [ "$slow" = 1 ]; then
	lost=$(check_sectors hostb $image "$(last_tick $guest)" 2> /dev/null)
	like "$lost" '^[1-9][0-9]*$' "what the guest had written there, and flushed, is not there"
	diag "$lost of $(last_tick $guest) sectors are lost"
else
	skip "this kernel has no tbf, so the network can't be made slow"
fi
guest_destroy hostb $guest
unshare_without_locks
done_testing
