#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab's AoE devices and its folder by NFS, as both hosts see them.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

remember_state hosta hostb
for host in hosta hostb; do ok "$host has the AoE driver" aoe_load $host; done
ok "e1.2 is exported" export_aoe 1 2 16M
for host in hosta hostb; do
	ok "$host sees it" wait_device $host /dev/etherd/e1.2
	like "$(volumes_state $host)" 'aoe e1.2 32768 rw' "as a disk of its size"
done
ok "hosta writes to it" on hosta sh -c 'echo there | dd of=/dev/etherd/e1.2 bs=512 seek=7 conv=sync,fsync status=none'
is "$(on hostb dd if=/dev/etherd/e1.2 bs=512 skip=7 count=1 iflag=direct status=none | tr -d '\0')" there "hostb reads it"
ok "so does the storage host" aoe_raw 1 2 "$LAB_DIR/tmp/aoe"
is "$(dd if="$LAB_DIR/tmp/aoe" bs=512 skip=7 count=1 status=none | tr -d '\0')" there "the same"
ok "e1.2 answers no more" stop_aoe 1 2
for host in hosta hostb; do ok "$host forgets it" aoe_unload $host; done

ok "a folder by NFS" export_nfs
for host in hosta hostb; do ok "$host mounts it" mount_nfs $host /srv/shared; done
ok "hosta writes a file" on hosta sh -c 'echo here > /srv/shared/file'
is "$(on hostb cat /srv/shared/file)" here "hostb reads it"
like "$(volumes_state hosta)" 'mount 10.88.0.100:/ /srv/shared nfs4' "the mount is part of a host's state"
for host in hosta hostb; do ok "$host unmounts it" umount_nfs $host /srv/shared; done
ok "nothing is left on the hosts" same_as_before hosta hostb
done_testing
