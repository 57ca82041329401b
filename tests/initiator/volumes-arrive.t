#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest with five volumes comes: they are attached at the same time and fenced, their names are changed, and all of it
# goes again where the guest doesn't arrive.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volume-events.sh
. "$root/tests/initiator/volume-events.sh"
start_daemons
for n in 1 2 3 4 5; do target $n; done
configure "iscsi = 127.0.0.0/8 iqn.2026-11.lab:*" "timeout = 120"
five=$(disk vdb "$(path_of 1)"; disk vdc /dev/sdx; disk vdd "$(path_of 3)" "<shareable/>"; disk vde "$(path_of 4)"
	disk vdf "$(path_of 5)" "<readonly/>")
known=$(volume vdb 1 "$(path_of 1)"; volume vdc 2 /dev/sdx; for n in 3 4 5; do volume "vd$(tr 345 def <<< $n)" $n "$(path_of $n)"; done)
guest=$(xml "$five" "$known")
before=$(state)
status=/run/libvirt/qemu/vm1.xml
# waiting: libvirt's status file, as where QEMU waits for the guest; gone: there is none
waiting()
{
	echo "<domstatus state='paused' reason='migration' pid='$qemu'><lockstate>x</lockstate>" \
		"<job type='none' async='migration in' phase='prepare' flags='0x800'/>$guest</domstatus>" > $status
}
gone() { rm $status; }
# sleeps: the last job has come so far, and has its files open
sleeps() { wait_until grep -qx sleep /proc/$!/comm; }

ok "without the gate: refused" refused migrate begin
like "$(said)" "disk 'vdb': iscsi iqn.2026-11.lab:t1 lun 1 at 127.0.0.1:3260: .*<shareable/>.*'berth gate enable' on both hosts" "and it says what to do"
is "$(state)" "$before" "nothing was attached"
have_gate
ok "with the gate: migrate begin" hook migrate begin
like "$(printed)" "<source dev='$(path_of 2)'/><target dev='vdc'" "a name like /dev/sdx becomes one that is the same on all hosts"
like "$(printed)" "token='[0-9a-f]{32}'" "the migration's token is in the XML"
for n in 1 2 3 4 5; do ok "volume $n is here" test -b "$(path_of $n)"; done
for n in 1 2 4; do ok "volume $n is fenced" fenced $n; done
for n in 3 5; do ok "volume $n, which libvirt doesn't copy, is not" test "$(blockdev --getro "$(path_of $n)")" = 0; done
is "$(for t in b c d e f; do record vd$t; done | uniq -c | tr -s ' ')" " 5 attached" "all are in the guest's record"
guest=$(printed)
ok "prepare begin: libvirt goes on" hook prepare begin
for n in 1 2 4; do ok "QEMU may open volume $n for writing" test "$(blockdev --getro "$(path_of $n)")" = 0; done
sleep 600 9<> "$(path_of 1)" &
qemu=$!
sleeps
waiting
sleep 600 9<> "$(path_of 4)" &
sleeps
ok "somebody has begun to write to volume 4: refused" refused started begin
like "$(said)" "berth: vm1: disk 'vde': '$(path_of 4)' is in use on this host: process $! .sleep.; end that use" "with one line"
ok "what he writes is not lost" test "$(blockdev --getro "$(path_of 4)")" = 0
kill $!
wait $! 2> /dev/null
sleep 600 9< "$(path_of 4)" &
sleeps
ok "one reads, and QEMU may write: started begin" hook started begin
kill $! $qemu
wait $! $qemu 2> /dev/null
for n in 1 2 4; do ok "volume $n is fenced again" fenced $n; done
for n in 3 5; do ok "volume $n is not" test "$(blockdev --getro "$(path_of $n)")" = 0; done
ok "stopped end: it didn't arrive" hook stopped end
gone
ok "release end" hook release end
is "$(state)" "$before" "nothing is left"

guest=$(xml "$five" "$known")
ok "the same guest comes once more" hook migrate begin
ok "and once more, the first having been forgotten by libvirt" hook migrate begin
ok "it is there" fenced 1
guest=$(xml "$five")
ok "an ordinary start of it, without its manifest" hook prepare begin
is "$(for n in 1 3 4 5; do [ -b "$(path_of $n)" ] || echo no; done; find /sys/block -name "sd*" | wc -l)" 4 "has what its names tell"
ok "unfenced" test "$(blockdev --getro "$(path_of 1)")" = 0
hook release end
rm -r /var/lib/berth/volumes
is "$(state)" "$before" "and leaves nothing"

target 6
guest=$(xml "$(disk vdb "$(path_of 6)"; disk vdc "$(path_of 7)")" "$(volume vdb 6 "$(path_of 6)"; volume vdc 7 "$(path_of 7)")")
ok "one of two targets doesn't exist: refused" refused migrate begin
like "$(said)" "^berth: vm1: disk 'vdc': iscsi iqn.2026-11.lab:t7 lun 1 at 127.0.0.1:3260: " "with one line"
is "$(state)" "$before" "and nothing is left of the other"
guest=$(xml "$(disk vdb "$(path_of 1)")" "$(volume vdb 1 "$(path_of 1)" "size-bytes='4096'")")
ok "another device than the guest's: refused" refused migrate begin
like "$(said)" "disk 'vdb': iscsi .*4096" "it says what differs"
is "$(state)" "$before" "and nothing is left"
done_testing
