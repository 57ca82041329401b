#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest leaves a host whose /var/lib/berth is full or read-only: its image is known to be stale all the same. No guest starts from
# it, and when its own comes back it is set aside.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
here=$(images_of hosta)/$guest.qcow2

# fill_state: until not one byte more goes in; room_in_state
fill_state() { on hosta sh -c '! cat /dev/zero 2> /dev/null > /var/lib/berth/full && ! echo > /var/lib/berth/one-more' 2> /dev/null; }
room_in_state() { on hosta rm /var/lib/berth/full; }
noted() { on hosta grep -q "$1" /var/log/messages; }
# images: on hosta, by name
images() { on hosta sh -c "ls $(images_of hosta)" | grep -v '^base' | tr '\n' ' '; }
# starts_not NAME WHAT: it is refused, for its image is stale
starts_not()
{
	local said

	said=$(virsh_on hosta start "$1" 2>&1) && said="it started"
	like "$said" "disk 'vda': '$here' is stale, for its guest has left this host" "$2"
}

# leaves_and_comes_back WHAT MAKE-ROOM...
leaves_and_comes_back()
{
	ok "$1: it leaves" moved hosta $guest hostb
	ok "$1: that its image is stale is noted on the image" noted "image '$here' is stale from now on, which is noted on the image itself"
	starts_not $guest "$1: it starts not from it"
	starts_not vm2 "$1: nor does another guest"
	ok "$1: there is room again" "${@:2}"
	ok "$1: it comes back" moved hostb $guest hosta
	is "$(images)" "vm1.qcow2 vm1.qcow2.departed " "$1: its stale image was set aside"
	on hosta sh -c ': > /var/log/messages'
	on hosta rm "$here.departed"
}

ok "a small file system for berth's state" on hosta mount -t tmpfs -o size=64k,mode=700 state /var/lib/berth
ok "it is full" fill_state
ok "guest boots" berth_boot hosta $guest
guest_xml hosta vm2 image="$here" mac=52:54:00:00:00:02 | virsh_on hosta define /dev/stdin > /dev/null
leaves_and_comes_back "full" room_in_state
ok "its state becomes read-only" on hosta mount -o remount,ro /var/lib/berth
leaves_and_comes_back "read-only" on hosta mount -o remount,rw /var/lib/berth
guest_destroy hosta $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors hosta "$here" "$(last_tick $guest)"
on hosta umount /var/lib/berth
done_testing
