#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that is shut off is not moved without its disks, and the lines say so: --offline, and berth sync.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
target=$(images_of hostb)/$guest.qcow2

ok "guest boots" berth_boot hosta $guest
guest_destroy hosta $guest
before=$(host_snapshot hostb)
said=$(on hosta virsh -q -c "$(uri_of hosta)" migrate --offline --persistent $guest "$(uri_of hostb)" 2>&1) && said="it migrated"
like "$said" "berth: $guest: disk 'vda': '$target' is not on this host, .*; if it is shut off there, libvirt moves its definition and no storage: start it and migrate it with --live" "--offline --persistent of a guest that is shut off: berth says what libvirt does not do, and what to do"
is "$(host_snapshot hostb)" "$before" "hostb is as before"
said=$(on hosta berth sync $guest 2>&1) && said="it is synced"
like "$said" "berth: $guest: doesn't run on this host: .*libvirt moves no storage of one that is shut off; start it to migrate it" "berth sync says the same"
prints "but one that the guest's start has begun says nothing of a guest that has ended meanwhile" "" on hosta sh -c "berth sync --quiet $guest 2>&1"
guest_start hosta $guest
ok "started, it has a manifest" wait_until manifest_is_from hosta $guest
ok "and it migrates" moved hosta $guest hostb
done_testing
