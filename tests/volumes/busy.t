#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else on the source has a volume open when the guest leaves: it stays, which is logged and kept in mind; when that
# one has ended, "berth reap" does the rest.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
berth_reset
allow_volumes
guest=vm1
free=iqn.2026-11.lab:free
busy=iqn.2026-11.lab:busy
held=$(lun_lines $busy 1 && echo aoe e1.1 rw)

boot()
{
	disk_guest hosta $guest disks=check vda="$(volume_xml vda "$(by_path $free 1)")" \
		devices="$(volume_xml vdb "$(by_path $busy 1)")$(volume_xml vdc /dev/etherd/e1.1)"
}
volumes_moved()
{
	on "$1" timeout -k 5 120 virsh -q -c "$(uri_of "$1")" migrate --live $guest "$(uri_of "$2")" && wait_settled "$2"
}
# hold HOST DEVICE...: by a process whose number is printed
hold()
{
	# shellcheck disable=SC2016 # sh's own
	on "$1" sh -c 'exec 8< "$1" 9< "$2"; sleep 600 < /dev/null > /dev/null 2>&1 & echo $!' hold "${@:2}"
}
everywhere() { for disk in 0 1 2; do wait_durable $guest $disk 5 || return; done; }
reap() { on hosta berth reap 2>&1; }

for target in $free $busy; do ok "a target" make_target "$target" 8M; done
ok "an AoE export" export_aoe 1 1 8M
ok "the gate is on" gate_on
remember_state hosta
ok "the guest starts" boot
ok "it has its manifest" wait_until manifest_is_from hosta $guest
holder=$(hold hosta "$(by_path $busy 1)" /dev/etherd/e1.1)
ok "it leaves, while somebody has two of its volumes open" volumes_moved hosta hostb
ok "what is open stays, the other one goes" comes_to hosta "$held"
log=$(on hosta grep 'not released yet' /var/log/messages)
like "$log" "$guest: disk 'vdb': not released yet: .*iscsi $busy .*in use: process $holder \(sleep\)" "the log says which, why and who"
like "$log" "$guest: disk 'vdc': not released yet: .*aoe e1.1.*in use: process $holder \(sleep\)" "of both"
is "$(reap)" "berth: $guest: 2 volumes could not be released yet; the system log has why" "berth reap says the same"
ok "and leaves them" comes_to hosta "$held"
ok "the guest works with all of them" everywhere
ok "the other one ends" on hosta kill "$holder"
is "$(reap)" "$guest: its volumes are released" "berth reap does the rest"
ok "hosta is as before" comes_to hosta
ok "nothing is noted any more" released hosta
ok "the guest works with all of them" everywhere
prints "and complains about nothing" "" broken $guest
guest_destroy hostb $guest
gate_off
done_testing
