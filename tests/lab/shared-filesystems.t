#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A folder that only qemu.conf's shared_filesystems names is shared for berth as it is for libvirt: an image there is not stale when
# its guest has left without a copy, and the guest comes back to it.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
pool=$LAB_DIR/tmp/pool
image=$pool/$guest.qcow2
# libvirt 9.0 doesn't know the setting, and moves such a guest only when it is told to; so does hostb, which would have it by NFS.
libvirt_is_at_least 11.0 hosta && out= || out=--unsafe

# plain_migrate FROM TO [VIRSH-OPTION]
plain_migrate() { on "$1" virsh -q -c "$(uri_of "$1")" migrate --live ${3:+"$3"} $guest "$(uri_of "$2")" && wait_settled "$2" && wait_until manifest_is_from "$2" $guest; }

mkdir -p "$pool"
chmod 777 "$pool"
cp "$LAB_DIR/base.qcow2" "$pool/base.qcow2"
qemu-img create -q -f qcow2 -b "$pool/base.qcow2" -F qcow2 "$image" 128M
chmod 666 "$image"
listing=$(ls "$pool")
berth_conf hosta "[images]
roots = /var/lib/libvirt/images $pool"
berth_conf hostb "shared = $pool"
on hosta cp /etc/libvirt/qemu.conf /etc/libvirt/qemu.conf.before
printf 'shared_filesystems = [\n  "%s"\n]\n' "$pool" | on hosta tee -a /etc/libvirt/qemu.conf > /dev/null
ok "hosta's libvirtd reads its configuration" libvirtd_restart hosta
ok "guest boots" berth_boot hosta $guest image="$image"
ok "it moves without a copy" plain_migrate hosta hostb "$out"
prints "its image doesn't count as stale" "" matching departed on hosta berth status
ok "it comes back" plain_migrate hostb hosta --unsafe
is "$(ls "$pool")" "$listing" "nothing was made or set aside"
is "$(virsh_on hosta domblklist $guest | awk '$1 == "vda" { print $2 }')" "$image" "it has its image"
guest_destroy hosta $guest
ok "it starts again from there" guest_start hosta $guest
ok "and counts" wait_more_ticks $guest 3
guest_destroy hosta $guest
prints "sectors lost" 0 check_sectors hosta "$image" "$(last_tick $guest)"
guest_wipe $guest

# Without --unsafe libvirt says by what it does that all that isn't shared was copied.
data=$pool/data.raw
truncate -s 16M "$data"
chmod 666 "$data"
ok "one with a local disk too boots" berth_boot hosta $guest devices="$(disk_xml vdb "$data" raw)"
ok "it moves, with a copy of the local one" moved hosta $guest hostb --migrate-disks vda ${out:+"$out"}
prints "its image in the folder doesn't count as stale" "" matching "departed.*$data" on hosta berth status
ok "it goes on" wait_more_ticks $guest 3
guest_destroy hostb $guest
on hosta mv /etc/libvirt/qemu.conf.before /etc/libvirt/qemu.conf
ok "hosta's libvirtd reads its own configuration again" libvirtd_restart hosta
done_testing
