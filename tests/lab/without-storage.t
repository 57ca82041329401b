#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An empty overlay that berth made never runs as the guest's disk: --unsafe without storage copy, --offline --persistent.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
target=$(images_of hostb)/$guest.qcow2
second=$(images_of hosta)/$guest-data.qcow2

plain_migrate() { on hosta virsh -q -c "$(uri_of hosta)" migrate "$@" $guest "$(uri_of hostb)" 2>&1; }
as_before() { [ "$(host_snapshot hostb)" = "$before" ]; }
no_image() { ! on hostb test -e "$target"; }

image_create hosta "$second"
ok "guest boots, with two disks" berth_boot hosta $guest disk=vdb:"$second"
before=$(host_snapshot hostb)
said=$(plain_migrate --live --unsafe) && said="it migrated"
like "$said" "berth: $guest: disk 'vda': the migration doesn't copy it, .*; migrate with --copy-storage-inc" "--live --unsafe is refused"
ok "the guest goes on at the source" wait_more_ticks $guest 3
ok "all is undone: hostb is as before" wait_until as_before

said=$(plain_migrate --live --copy-storage-inc --migrate-disks vda --unsafe) && said="it migrated"
like "$said" "berth: $guest: disk 'vdb': the migration doesn't copy it" "--migrate-disks that leaves a new image empty is refused"
ok "the guest goes on at the source" wait_more_ticks $guest 3
ok "all is undone: hostb is as before" wait_until as_before

said=$(plain_migrate --offline --persistent) || said="it failed: $said"
is "$said" "" "--offline --persistent of the running guest: libvirt moves the definition alone"
said=$(virsh_on hostb start $guest 2>&1) && said="it started"
like "$said" "berth: $guest: disk 'vda': '$target' is an empty image, made for a migration from host 'hosta'" "a start on hostb right then is refused"
is "$(guest_state hostb $guest)" "shut off" "the empty image does not run"
ok "berth removes it" wait_until no_image
ok "all is undone" wait_settled hostb
said=$(virsh_on hostb start $guest 2>&1) && said="it started"
like "$said" "berth: $guest: disk 'vda': '$target' is not on this host: the migration from host 'hosta' did not bring it; " "a later start fails with berth's line"
ok "the guest goes on at the source" wait_more_ticks $guest 3
virsh_on hostb undefine $guest > /dev/null
is "$(host_snapshot hostb)" "$before" "hostb is as before"

ok "with --copy-storage-inc it migrates" moved hosta $guest hostb
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$target" "$(last_tick $guest)"
ok "the second disk is whole" check_end hostb "$(images_of hostb)/$guest-data.qcow2" vdb
done_testing
