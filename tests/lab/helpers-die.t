#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The watcher's death is harmless: the next run of the hook, or `berth reap`, does its work; a restarted libvirtd too.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
there=$(images_of hostb)/$guest.qcow2

# Without its watcher: berth's command fails for as long as this takes.
without_watcher()
{
	local status=0

	on hostb chmod 0 /usr/bin/berth
	"$@" || status=$?
	on hostb chmod 755 /usr/bin/berth
	return $status
}
arrive_unwatched() { without_watcher migrate hosta $guest hostb --persistent --undefinesource; }
stored() { virsh_on hostb dumpxml --inactive $guest; }

ok "guest boots" berth_boot hosta $guest
ok "it arrives without a watcher" arrive_unwatched
like "$(on hostb berth status)" "vm1 +started" "its migration is not settled"
like "$(stored)" "file='$(images_of hosta)/$guest.qcow2'" "the stored definition has hosta's names still"
guest_destroy hostb $guest
like "$(on hostb berth status)" "vm1 +(started|ran)|IMAGE" "the guest stops"
ok "its image is kept" on hostb test -e "$there"
said=$(virsh_on hostb start $guest 2>&1) && said="it started"
like "$said" "not settled|Cannot access storage file|is not on this host" "it does not start from hosta's names"
on hostb sh -c 'sed -i "s/began=[0-9]*/began=1/" /var/lib/berth/journal/*'
said=$(on hostb berth reap $guest) && said="exit 0: $said"
like "$said" "vm1: left as it is: nobody here can tell" "berth reap can't know that it has run"
ok "its image is kept" on hostb test -e "$there"
ok "berth reap --keep settles it" on hostb berth reap --keep $guest
like "$(stored)" "file='$there'" "the stored definition has hostb's names"
ok "it starts" guest_start hostb $guest
ok "and counts on" wait_more_ticks $guest 3
ok "it has a manifest" wait_until manifest_is_from hostb $guest

if started_can_move hostb hosta; then
	ok "back to hosta" moved hostb $guest hosta --persistent --undefinesource
	ok "it arrives without a watcher again" arrive_unwatched
	libvirtd_restart hostb
	ok "hostb's libvirtd restarts: the hook settles it" wait_settled hostb
	like "$(stored)" "file='$there'" "the stored definition has hostb's names"
	ok "the manifest is hostb's" wait_until manifest_is_from hostb $guest
else
	skip "hosta's QEMU takes no guest that hostb's has started"
fi

virsh_on hostb metadata $guest --live --uri urn:berth:state:1 --remove > /dev/null
libvirtd_restart hostb
ok "a libvirtd that restarts gives running guests their manifest" wait_until manifest_is_from hostb $guest
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hostb "$there" "$(last_tick $guest)"
done_testing
