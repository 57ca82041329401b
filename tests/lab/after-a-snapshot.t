#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real snapshot since the manifest was written: refused, until `berth sync` and the new base image are in place.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
source=$(images_of hosta)/$guest.qcow2
overlay=$(images_of hosta)/$guest-snap.qcow2
there=$(images_of hostb)/$guest-snap.qcow2

take_snapshot()
{
	virsh_on hosta snapshot-create-as $guest --no-metadata --disk-only --diskspec "vda,file=$overlay" > /dev/null
}
# The layer that nobody writes any more goes to hostb by hand, and gets hostb's base image by name.
bring_layer()
{
	on hosta cat "$source" | on hostb sh -c "cat > /srv/base/$guest.qcow2" &&
		on hostb qemu-img rebase -q -u -b /srv/base/base.qcow2 -F qcow2 /srv/base/$guest.qcow2
}

ok "guest boots" berth_boot hosta $guest
ok "a snapshot is taken" take_snapshot
before=$(host_snapshot hostb)
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
like "$said" "the guest uses '$overlay', its manifest says '$source' \(a snapshot since\?\); run 'berth sync vm1' on host 'hosta'" "the migration is refused"
is "$(host_snapshot hostb)" "$before" "hostb is as before"
like "$(on hosta berth sync $guest)" "vm1: manifest written" "berth sync"
said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
like "$said" "base image 'vm1.qcow2' is not on this host; copy '$source' from host 'hosta' to '/srv/base'" "now the new layer is missing"
ok "it is copied" bring_layer
ok "and the guest migrates" moved hosta $guest hostb
is "$(image_facts hostb "$there")" "qcow2 134217728 /srv/base/$guest.qcow2 qcow2" "on a chain of three"
ok "it counts on" wait_more_ticks $guest 3
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$there" "$(last_tick $guest)"
on hostb rm "/srv/base/$guest.qcow2"
done_testing
