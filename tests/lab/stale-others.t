#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No other domain may write to what a guest has left behind, whatever name it has for it; reading it is free, and so is a file that
# has taken its place.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
images=$(images_of hosta)
here=$images/$guest.qcow2
mac=52:54:00:00:00:02

# other DISK-XML: domain vm2, which berth has never seen, starts with it, paused
other()
{
	guest_xml hosta vm2 mac=$mac vda="$1" > "$LAB_DIR/vm2.xml"
	virsh_on hosta create --paused "$LAB_DIR/vm2.xml" 2>&1
}
# refused WHAT PATH
refused()
{
	local said

	said=$(other "$(disk_xml vda "$2")") && said="it started"
	like "$said" "berth: vm2: disk 'vda': '$2' is the stale image of guest '$guest', which left for another host on 20[0-9: -]*; use another image; if the copy there is lost or unwanted, 'berth reclaim $guest'" "$1: refused"
	prints "$1: it doesn't run" "" matching vm2 virsh_on hosta list --all --name
}
# starts WHAT DISK-XML
starts()
{
	ok "$1: it starts" other "$2"
	virsh_on hosta destroy vm2 > /dev/null
}

starts "before anything is stale" "$(disk_xml vda "$images/base.qcow2" | sed 's|</disk>|<readonly/></disk>|')"
ok "guest boots" berth_boot hosta $guest
ok "it moves to hostb" moved hosta $guest hostb
on hosta sh -c "cd $images && ln $guest.qcow2 hard.qcow2 && ln -s $guest.qcow2 soft.qcow2 && mkdir -p /srv/other && mount --bind . /srv/other"
refused "by its name" "$here"
refused "by a hard link" "$images/hard.qcow2"
refused "by a symbolic link" "$images/soft.qcow2"
refused "by another mount" /srv/other/$guest.qcow2
on hosta umount /srv/other
starts "read-only" "$(disk_xml vda "$here" | sed 's|</disk>|<readonly/></disk>|')"
on hosta qemu-img create -q -f qcow2 -b "$here" -F qcow2 "$images/overlay.qcow2"
starts "as the backing image of another" "$(disk_xml vda "$images/overlay.qcow2")"
ok "so it can still come back" moved hostb $guest hosta
ok "and leave" moved hosta $guest hostb
# Its file system is not mounted just now.
on hosta mount -t tmpfs none "$images"
like "$(on hosta berth reap --departed)" "nothing to reap" "berth reap --departed forgets nothing that it can't see"
on hosta umount "$images"
# An image that an older berth let start has another time and other content.
on hosta qemu-io -f qcow2 -c 'write 1M 64k' "$here" > /dev/null
said=$(virsh_on hosta start $guest 2>&1) && said="it started"
like "$said" "is stale: the guest left for another host on .*, and was written to since; start it there" "written to since: refused"
like "$(on hosta berth reclaim 2>&1)" "which guest\? Missing behind 'reclaim'" "berth reclaim wants a name"
like "$(on hosta berth status)" "departed .* $here" "berth status tells of it"
on hosta sh -c "cp $here $here.new && mv $here.new $here"
starts "a file in its place" "$(disk_xml vda "$here")"
said=$(on hosta berth status)
like "$said" "aside .* $here.departed" "berth status tells of the one that is aside"
is "$(grep -c "departed .* $here\$" <<< "$said")" 0 "no more of the other one"
guest_destroy hostb $guest
done_testing
