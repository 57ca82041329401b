#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where berth's gate is not on, nobody could lift a fence: only a volume that libvirt leaves out of its copy, <shareable/>, may
# come. Another is refused before anything moves, and the reason names both ways out.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes ""
iqn() { echo "iqn.2026-11.lab:$1"; }
# sectors_written HOST DEVICE: by HOST
sectors_written() { on "$1" sh -c "set -- \$(cat /sys/block/\$(basename \$(readlink $2))/stat); echo \$7"; }

for name in open closed; do ok "target $name" make_target "$(iqn $name)" 8M; done
remember_state hostb
shared=$(by_path "$(iqn open)" 1)

ok "a guest with a volume boots" disk_guest hosta closed disks=check vda="$(volume_xml vda "$(by_path "$(iqn closed)" 1)")"
ok "it has its manifest" wait_until manifest_is_from hosta closed
said=$(migrate hosta closed hostb 2>&1)
is $? 1 "it is refused"
like "$said" "berth: closed: disk 'vda': .*mark the disk <shareable/>, or run 'berth gate enable'" "with both ways out"
is "$(wc -l <<< "$said")" 1 "in one line"
diag "$said"
ok "it goes on" wait_durable closed 0 10
ok "hostb is settled" wait_settled hostb
prints "and as before" "" same_as_before hostb
guest_destroy hosta closed
prints "the guest complains about nothing" "" broken closed
ok "the LUN holds all that was durable" check_lun "$(iqn closed)" 1 closed 0

ok "one with a shareable volume boots" disk_guest hosta open disks=check \
	devices="$(volume_xml vdb "$shared" '<shareable/>')"
ok "it has its manifest" wait_until manifest_is_from hosta open
ok "its disks are written" wait_durable open 1 10
ok "it migrates, --migrate-disks or not" moved hosta open hostb
written=$(sectors_written hostb "$shared")
ok "the volume of 16384 sectors was not copied: $written written" test "$written" -lt 16384
ok "it is written there" wait_durable open 1 10
ok "hosta has released it" wait_until released hosta
guest_destroy hostb open
prints "the guest complains about nothing" "" broken open
ok "the local disk holds all that was durable" check_image hostb "$(images_of hostb)/open.qcow2" open 0
ok "so does the LUN" check_lun "$(iqn open)" 1 open 1
done_testing
