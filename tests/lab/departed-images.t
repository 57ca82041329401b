#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest leaves behind is kept, known and bounded: one stale image a host, or none with departed = remove.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
here=$(images_of hosta)/$guest.qcow2
there=$(images_of hostb)/$guest.qcow2

# images HOST: of the guest, by name
images() { matching '^([^b]|b[^a])' on "$1" ls "$(images_of "$1")" | tr '\n' ' '; }
# in_use PATH, not_in_use PATH: on hosta
in_use() { on hosta grep -q ":$(on hosta stat -c %i "$1") " /proc/locks; }
not_in_use() { ! in_use "$1"; }
# there_and_back N
there_and_back()
{
	local n

	for ((n = 0; n < $1; n++)); do
		moved hosta $guest hostb > /dev/null && moved hostb $guest hosta > /dev/null || return
	done
}

ok "guest boots" berth_boot hosta $guest
ok "it moves" moved hosta $guest hostb
is "$(images hosta)" "vm1.qcow2 " "hosta keeps its image"
like "$(on hosta berth status)" "vm1 +departed .* $here" "berth status says that it is stale"
on hosta qemu-io -r -c 'sleep 60000' "$here" > /dev/null 2>&1 &
ok "somebody opens it" wait_until in_use "$here"
said=$(migrate hostb $guest hosta 2>&1) && said="it migrated"
like "$said" "'$here' exists on this host" "then it is not set aside: it may be another guest's backing file by now"
on hosta pkill qemu-io
ok "it is closed" wait_until not_in_use "$here"
ok "it moves back" moved hostb $guest hosta
is "$(images hosta)" "vm1.qcow2 vm1.qcow2.departed " "the stale image was set aside"
like "$(on hosta berth status)" "vm1 +aside .* $here.departed" "berth status knows it"
on hosta qemu-io -r -c 'sleep 60000' "$here.departed" > /dev/null 2>&1 &
ok "somebody opens the one that is aside" wait_until in_use "$here.departed"
inode=$(on hosta stat -c %i "$here.departed")
ok "two moves" there_and_back 1
is "$(on hosta stat -c %i "$here.departed")" "$inode" "it is not replaced"
like "$(images hosta)" "^vm1.qcow2 vm1.qcow2.departed vm1.qcow2.departed-[0-9a-f]{8} $" "the newer one keeps a name of its own"
on hosta pkill qemu-io
ok "it is closed" wait_until not_in_use "$here.departed"
like "$(on hosta berth reap --departed)" "removed '$here.departed'" "berth reap --departed removes them"
is "$(images hosta)" "vm1.qcow2 " "hosta has no stale image"
ok "ten moves in a row" there_and_back 5
is "$(images hosta)" "vm1.qcow2 vm1.qcow2.departed " "hosta has one stale image"
is "$(images hostb)" "vm1.qcow2 vm1.qcow2.departed " "hostb has the last, and the one before"
like "$(on hostb berth reap --departed)" "removed '$there'" "berth reap --departed removes them"
prints "hostb is empty" "" images hostb
prints "and knows nothing of the guest" "" matching vm1 on hostb berth status
on hostb qemu-img create -q -f qcow2 "$there" 1M
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
like "$said" "'$there' exists on this host" "a file that somebody made in its place is not set aside"
on hostb rm "$there"

on hosta sh -c "touch $here.departed"
said=$(on hosta berth reap --departed 2>&1) && said="exit 0: $said"
like "$said" "'$here.departed' has changed since the guest left" "a stale image that was changed is not removed"
on hosta rm "$here.departed"

berth_conf hosta "[images]
departed = remove"
berth_conf hostb "departed = remove"
ok "departed = remove: ten moves in a row" there_and_back 5
prints "hostb is empty" "" images hostb
is "$(images hosta)" "vm1.qcow2 " "hosta has the one that it runs from"
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$here" "$(last_tick $guest)"
done_testing
