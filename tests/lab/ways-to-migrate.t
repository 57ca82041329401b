#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Any libvirt-driven tool: --p2p, --persistent --undefinesource, migrateToURI3 from a program; there and back again.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
there=$(images_of hostb)/$guest.qcow2
here=$(images_of hosta)/$guest.qcow2

by_program()
{
	on "$1" /usr/bin/python3 - "$(uri_of "$1")" "$guest" "$(uri_of "$2")" <<-PY
	import libvirt, sys
	source = libvirt.open(sys.argv[1])
	flags = (libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_PEER2PEER | libvirt.VIR_MIGRATE_NON_SHARED_INC |
	         libvirt.VIR_MIGRATE_PERSIST_DEST | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE)
	source.lookupByName(sys.argv[2]).migrateToURI3(sys.argv[3], {}, flags)
	PY
}
resumed_cold() { wait_tick $guest $((seen + 5)) && grep -q '^resume-from' "$(console_of $guest)"; }
is_gone() { ! virsh_on "$1" dominfo $guest; }

ok "guest boots" berth_boot hosta $guest
ok "--p2p" moved hosta $guest hostb --p2p
ok "back again" moved hostb $guest hosta
like "$(virsh_on hosta dumpxml $guest)" "file='$here'" "it is on hosta's path again"
ok "hosta keeps the stale image of before, aside" on hosta test -e "$here.departed"
ok "--persistent --undefinesource" moved hosta $guest hostb --persistent --undefinesource
ok "hosta doesn't know it any more" is_gone hosta
stored=$(virsh_on hostb dumpxml --inactive $guest)
like "$stored" "<source file='$there'" "hostb's stored definition has hostb's path"
like "$stored" "<source bridge='br-lan'/>" "and hostb's bridge"
is "$(grep -c urn:berth:state <<< "$stored")" 0 "but no manifest: an offline migration must not carry one"
guest_destroy hostb $guest
seen=$(last_tick $guest)
guest_start hostb $guest
ok "a cold start on hostb goes on counting" resumed_cold
ok "which gives it a manifest" wait_until manifest_is_from hostb $guest
if started_can_move hostb hosta; then
	ok "migrateToURI3 from a program, back to hosta" by_program hostb hosta
	ok "settled" wait_settled hosta
	like "$(virsh_on hosta dumpxml --inactive $guest)" "<source file='$here'" "hosta's stored definition has hosta's path"
	ok "and it goes on counting" wait_more_ticks $guest 5
	end=hosta image=$here
else
	skip "hosta's QEMU takes no guest that hostb's has started"
	end=hostb image=$there
fi
guest_destroy $end $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors $end "$image" "$(last_tick $guest)"
done_testing
