#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ordinary start has its volumes by name or by what is known of its last time here; the end takes them away, unless
# somebody uses them: then the next one does.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volume-events.sh
. "$root/tests/initiator/volume-events.sh"
start_daemons
for n in 1 2; do target $n; done
configure "iscsi = 127.0.0.0/8 iqn.2026-11.lab:*" "timeout = 60"
before=$(state)
stop() { hook stopped end && hook release end; }

guest=$(xml "$(disk vdb "$(path_of 1)"; disk vdc "$(path_of 2)")")
ok "a guest without berth's metadata starts" hook prepare begin
ok "its volumes are here" test -b "$(path_of 1)" -a -b "$(path_of 2)"
is "$(record vdb) $(record vdc)" "attached attached" "and noted as its own"
NAME=vm2 UUID=0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f2
one=$guest guest=$(xml "$(disk vdb "$(path_of 2)")")
ok "another guest starts, with one of them" hook prepare begin
NAME=vm1 UUID=$uuid guest=$one
ok "the first one stops" stop
ok "what the other guest has stays" test -b "$(path_of 2)" -a ! -e "$(path_of 1)"
is "$(record vdb) $(record vdc)" "detached detached" "what it had is remembered"
NAME=vm2 UUID=0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f2 guest=$(xml "$(disk vdb "$(path_of 2)")")
hook release end migrated
ok "it goes with the other guest" test ! -e "$(path_of 2)"
NAME=vm1 UUID=$uuid

guest=$one
hook prepare begin
exec {open}< "$(path_of 1)"
ok "a guest stops while somebody uses its volume" stop
is "$(record vdb) $(record vdc)" "releasing detached" "that volume stays, and it is known why"
ok "and is there" test -b "$(path_of 1)"
exec {open}<&-
ok "the next release takes it away" hook release end
is "$(record vdb)" "detached" "and it is remembered"

sed -i "s|path=$(path_of 1)\t|path=/dev/sda\t|" /var/lib/berth/volumes/$uuid
guest=$(xml "$(disk vdb /dev/sda)")
ok "a guest whose definition says /dev/sda" hook prepare begin
ok "has its volume there" test "$(realpath "$(path_of 1)")" = /dev/sda
ok "and stops" stop
iscsiadm -m node -T "$(name_of 2)" -p $portal -o new > /dev/null
iscsiadm -m node -T "$(name_of 2)" -p $portal --login > /dev/null
wait_until test -b "$(path_of 2)"
ok "now /dev/sda is another device: refused" refused prepare begin
like "$(said)" "disk 'vdb': '/dev/sda' is another device than last time; write '$(path_of 1)' into the guest's definition" "and it says what to do"
ok "what it attached is gone, what others did is not" test ! -e "$(path_of 1)" -a -b "$(path_of 2)"
iscsiadm -m node -T "$(name_of 2)" -p $portal --logout > /dev/null
iscsiadm -m node -T "$(name_of 2)" -p $portal -o delete

sed -i "s|path=/dev/sda\t|path=$(path_of 1)\t|; s|serial=[^\t]*|serial=other|" /var/lib/berth/volumes/$uuid
guest=$one
ok "another disk is behind the LUN: refused" refused prepare begin
like "$(said)" "disk 'vdb': iscsi .*; if that is right, run 'berth reap --forget vm1'" "and it says how to accept it"
ok "nothing of the guest is left" test ! -e "$(path_of 1)" -a ! -e "$(path_of 2)"
ok "berth reap --forget" "$build/berth" reap --forget vm1
ok "then it starts" hook prepare begin
ok "it moves away" hook release end migrated
is "$(state)" "$before" "and nothing is left"
configure
ok "a host that may attach nothing: QEMU has the last word" hook prepare begin
is "$(state)" "$before" "and nothing is attached"
done_testing
