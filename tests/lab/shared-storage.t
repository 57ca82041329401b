#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image on storage that the hosts share passes unchanged: nothing is made, copied or removed.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
shared=$LAB_DIR/shared
image=$shared/$guest.qcow2

plain_migrate() { on "$1" virsh -q -c "$(uri_of "$1")" migrate --live --unsafe $guest "$(uri_of "$2")"; }

mkdir -p -m 777 "$shared"
cp "$LAB_DIR/base.qcow2" "$shared/base.qcow2"
qemu-img create -q -f qcow2 -b "$shared/base.qcow2" -F qcow2 "$image" 128M
berth_conf hosta "[images]
shared = $shared"
berth_conf hostb "shared = $shared"
listing=$(ls "$shared")
ok "guest boots" berth_boot hosta $guest image="$image"
ok "it migrates without storage copy" plain_migrate hosta hostb
ok "settled" wait_settled hostb
like "$(virsh_on hostb dumpxml $guest)" "file='$image'" "it runs from the same path"
is "$(ls "$shared")" "$listing" "nothing was made or removed"
ok "the manifest becomes hostb's" wait_until manifest_is_from hostb $guest
ok "back again" plain_migrate hostb hosta
is "$(ls "$shared")" "$listing" "nothing was made or removed"
prints "nothing counts as stale" "" matching departed on hosta berth status

ok "the manifest becomes hosta's" wait_until manifest_is_from hosta $guest
ino=$(manifest_of hosta $guest inode)
is "$ino" "$(stat -c %i "$image")" "the manifest names the file's inode"
virsh_on hosta metadata $guest --live --uri urn:berth:state:1 --key berthstate \
	--set "$(manifest_of hosta $guest | sed "s/inode=.$ino./inode='12345'/")" > /dev/null
said=$(plain_migrate hosta hostb 2>&1) && said="it migrated"
like "$said" "'$image' exists on this host and is another file than the guest's" "another file of that name is not taken for it"
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$image" "$(last_tick $guest)"
done_testing
