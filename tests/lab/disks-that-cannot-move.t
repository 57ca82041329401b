#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that berth can make nowhere else is named with the reason, on both hosts; the guest moves when it is gone.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
images=$(images_of hosta)

# plug FORMAT FILE [MORE]: plugs a second disk into the running guest; MORE stands in its <source>
plug()
{
	cat > "$LAB_DIR/disk.xml" <<-END
		<disk type='file' device='disk'><driver name='qemu' type='$1'/>
		<source file='$2'>${3-}</source><target dev='sdb' bus='scsi'/></disk>
	END
	virsh_on hosta attach-device $guest "$LAB_DIR/disk.xml" --live > /dev/null
}

unplug() { virsh_on hosta detach-disk $guest sdb --live > /dev/null && wait_until is_unplugged; }
is_unplugged() { ! virsh_on hosta domblklist $guest | grep -q sdb; }

# refused WHY REGEX: sync says it, and so does the user's virsh; the guest goes on, and hostb is as before
refused()
{
	local before said

	before=$(host_snapshot hostb)
	said=$(on hosta berth sync $guest 2>&1) && said="sync exited with 0"
	like "$said" "berth: $guest: disk 'sdb': $2" "$1: berth sync says it"
	said=$(migrate hosta $guest hostb 2>&1) && said="it migrated"
	like "$said" "berth: $guest: disk 'sdb': .*$2" "$1: the migration is refused with that disk and the reason"
	is "$(host_snapshot hostb)" "$before" "$1: hostb is as before"
	ok "$1: the guest goes on" wait_more_ticks $guest 2
}

# Of a SCSI disk that comes or goes the lab's guest takes no notice.
ok "guest boots" berth_boot hosta $guest devices="<controller type='scsi' model='virtio-scsi'/>"
on hosta qemu-img create -q -f qed "$images/$guest.qed" 8M
ok "a QED disk is plugged in" plug qed "$images/$guest.qed"
refused "QED" "image '$images/$guest.qed': format 'qed' is not handled; berth handles raw and qcow2"
like "$(manifest_of hosta $guest)" "disk target=.vda. " "the manifest has the other disk"
ok "it is unplugged" unplug

on hosta qemu-img create -q -f raw "$images/$guest.raw" 8M
ok "a slice of a raw image is plugged in" plug raw "$images/$guest.raw" \
	"<slices><slice type='storage' offset='1048576' size='4194304'/></slices>"
refused "slice" "is a <slice> of an image"
ok "it is unplugged" unplug
ok "berth sync of the guest without it" on hosta berth sync $guest
ok "the guest moves" moved hosta $guest hostb
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
done_testing
