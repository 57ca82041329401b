#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A block commit below the image that the guest writes to: its manifest follows, and the base image, another one since, is refused.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
plugin=$(on hosta find /usr/lib /usr/lib64 -path '*/libvirt/lock-driver/berth.so' 2> /dev/null | head -1)
[ -n "$plugin" ] || skip_all "berth.so is not installed in the hosts"
berth_reset
guest=vm1
images=$(images_of hosta)
layer=$images/$guest.qcow2
overlay=$images/$guest-snap.qcow2

gate_on() { on "$1" sh -c 'echo "lock_manager = \"berth\"" >> /etc/libvirt/qemu.conf' && libvirtd_restart "$1"; }
take_snapshot() { virsh_on hosta snapshot-create-as $guest --no-metadata --disk-only --diskspec "vda,file=$overlay" > /dev/null; }
bring_layer()
{
	on hosta cat "$layer" | on hostb sh -c "cat > /srv/base/$guest.qcow2" &&
		on hostb qemu-img rebase -q -u -b /srv/base/base.qcow2 -F qcow2 /srv/base/$guest.qcow2
}
commit() { virsh_on hosta blockcommit $guest vda --base "$images/base.qcow2" --top "$layer" --wait > /dev/null; }
says_two_layers() { ! manifest_of hosta $guest | grep -q "$layer"; }
fails() { ! "$@" > /dev/null 2>&1; }

for host in hosta hostb; do gate_on $host; done
on hosta cp -p "$images/base.qcow2" "$images/base.saved"
ok "guest boots" berth_boot hosta $guest
ok "a snapshot is taken" take_snapshot
like "$(on hosta berth sync $guest)" "manifest written" "its manifest knows of it"
ok "the layer is on hostb" bring_layer
ok "it is committed into the base image" commit
ok "the manifest says so" wait_until says_two_layers
ok "the migration is refused" fails migrate hosta $guest hostb
like "$(on hostb grep 'migrate: vm1' /var/log/messages | tail -n 1)" \
	"base image: '/srv/base/base.qcow2' on this host has a virtual size of 67108864 bytes, '$images/base.qcow2' on host 'hosta' of 134217728" "with both base images"
ok "hostb is cleared" wait_settled hostb
ok "the guest goes on" wait_more_ticks $guest 5
ok "nothing of it is on hostb" fails on hostb test -e "$(images_of hostb)/$guest-snap.qcow2"
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$overlay" "$(last_tick $guest)"
on hostb rm "/srv/base/$guest.qcow2"
on hosta mv "$images/base.saved" "$images/base.qcow2"
done_testing
