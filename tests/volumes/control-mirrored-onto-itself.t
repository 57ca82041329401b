#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The danger, without berth: --copy-storage-inc without --migrate-disks mirrors a LUN onto itself, says it went well, and writes are lost.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

guest=mirrored
target=iqn.2026-11.lab:mirrored
device=$(by_path $target 1)

# What the guest writes between the mirror's reading of a block and its writing is lost: with this way to the storage host that
# takes so long that the guest does, each time.
SLOW=50ms

# sectors_written HOST: to the LUN, by HOST
sectors_written() { on "$1" sh -c "set -- \$(cat /sys/block/\$(basename \$(readlink $device))/stat); echo \$7"; }

ok "a target" make_target $target 16M
for host in hosta hostb; do
	ok "$host logs in" iscsi_login $host $target
	ok "$host's device is there" wait_device $host "$device"
done
ok "guest boots" disk_guest hosta $guest disk-load=32 vda="$(volume_xml vda "$device")"
ok "it is busy" wait_durable $guest 0 2000
xml_for hosta $guest hostb > "$LAB_DIR/$guest.xml"
before=$(sectors_written hostb)
ok "hostb's packets take $SLOW longer" network_slow hostb $SLOW
ok "libvirt's migration is successful" migrate hosta $guest hostb --suspend --xml "$LAB_DIR/$guest.xml"
ok "they don't any more" network_fast hostb
written=$(($(sectors_written hostb) - before))
ok "hostb has written the whole LUN, before the guest ran there" test $written -ge 32768
diag "hostb wrote $written sectors to a LUN of 32768"
lost=$(check_lun $target 1 $guest 0 2>&1)
like "$lost" 'wanted' "what the guest had written there, and flushed, is not there"
diag "$lost"
done_testing
