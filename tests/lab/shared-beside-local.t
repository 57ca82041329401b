#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest has left behind is only what was copied: an image in a folder that the hosts share stays its disk, and what nobody
# can tell stays too.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
shared=$LAB_DIR/tmp/pool
image=$shared/$guest.raw
other=$shared/other.raw
here=$(images_of hosta)/$guest.qcow2

# leave [VIRSH-OPTION]...: with a copy of vda alone; libvirt takes vdb for local
leave() { migrate hosta $guest hostb --migrate-disks vda --unsafe "$@" && wait_settled hostb; }
# departed: the images on hosta that count as stale
departed()
{
	local said

	said=$(on hosta berth status) || return
	awk '$2 == "departed" { print $NF }' <<< "$said"
}
noted() { on hosta grep -q "$1" /var/log/messages; }

mkdir -p "$shared"
chmod 777 "$shared"
truncate -s 16M "$image" "$other"
chmod 666 "$image" "$other"
ln -s pool "$LAB_DIR/tmp/by-link"
berth_conf hosta "[images]
shared = $LAB_DIR/tmp/by-link"
berth_conf hostb "shared = $shared"
ok "guest boots" berth_boot hosta $guest devices="$(disk_xml vdb "$image" raw)"
ok "it moves, with a copy of the local disk" leave
is "$(virsh_on hostb domblklist $guest | awk '$1 == "vdb" { print $2 }')" "$image" "it has its image on shared storage there"
prints "that one is not stale" "" matching "$image" departed
on hosta berth reap --departed > "$LAB_DIR/reaped" 2>&1
is "$(stat -c %s "$image")" 16777216 "berth reap --departed leaves it alone"
ok "the guest goes on" wait_more_ticks $guest 3
prints "with --unsafe libvirt doesn't say what it has copied: nothing is stale" "" departed
like "$(on hosta berth sync $guest 2>&1)" "doesn't run on this host" "nor does berth sync, which asks libvirt, take it for stale"
prints "nothing is stale afterwards" "" departed
ok "the log says so" noted "$guest: the guest has left; none of its images is noted as stale"
guest_wipe $guest

ok "without --unsafe" berth_boot hosta $guest
ok "it moves" moved hosta $guest hostb
is "$(departed)" "$here" "its image is stale: libvirt has copied it, or it would not have moved the guest"
guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
done_testing
