#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An AoE volume comes and goes with what it needs, is the one that is meant, and what berth didn't bring stays.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"

make_storage_host
truncate -s 64M "$work/disk2"
truncate -s 32M "$work/disk20"
serve 1 2 eth0 "$work/disk2"
serve 1 20 eth0 "$work/disk20"
aoe() { "$tool" "$1" kind=aoe shelf=1 "${@:2}" 2>&1; }
loaded() { [ -e /sys/module/aoe ]; }
not_loaded() { ! loaded; }
devices() { (cd /sys/block && echo etherd*); }

configure
like "$(aoe attach slot=2)" "EPERM aoe e1.2: AoE is not allowed on this host; name the interfaces for it in 'aoe' of \[volumes\]" "by default AoE is refused"
configure "aoe = eth7"
like "$(aoe attach slot=2)" "ENETDOWN aoe e1.2: interface 'eth7' of 'aoe'" "an interface that is missing: refused"
ok "and the driver wasn't even loaded" not_loaded
configure "aoe = eth2"
like "$(VOLUME_TIMEOUT_MS=0 aoe attach slot=2)" "ETIMEDOUT aoe e1.2: " "the deadline has passed: refused"
like "$(aoe attach slot=2 size=4096)" "EMEDIUMTYPE aoe e1.2: '/dev/etherd/e1.2' is another device than the guest's: it has 67108864 bytes instead of 4096" "of another size: refused"
is "$(devices) $(state)" "etherd* " "nothing stays of that"
ok "nor the driver" not_loaded

ok "attached" aoe attach slot=2 name=/dev/etherd/e1.2
is "$(aoe find slot=2)" /dev/etherd/e1.2 "it is found"
is "$(cat /sys/module/aoe/parameters/aoe_iflist)" eth2 "the driver listens on no other interface"
volume_of /dev/etherd/e1.2
is "${words[*]}" "kind=aoe shelf=1 slot=2 serial=1.2:$(uname -n) size=67108864" "what it is"
ok "attached again, with its identity" "$tool" attach "${words[@]}"
like "$(aoe attach slot=2 serial=else)" "EMEDIUMTYPE aoe e1.2: .* it has serial number '1.2:$(uname -n)' instead of 'else'" "with another serial number: refused"
ok "and it stays, for it was there before" test -b /dev/etherd/e1.2
ok "another one" aoe attach slot=20
dd if=/dev/zero of=/dev/etherd/e1.2 bs=64k count=1 status=none conv=notrunc
ok "one is detached" aoe detach slot=2
is "$(devices)" "etherd!e1.20" "and no other, whose name begins like it"
ok "detached again" aoe detach slot=2
like "$(aoe attach slot=3 2>&1)" "ENODEV aoe e1.3: no such target answers on 'eth2'" "nobody answers: refused"
is "$(state)" "./aoe/e1.20 ./aoe/module" "nothing is noted of that"
exec 8< /dev/etherd/e1.20
like "$(aoe detach slot=20)" "aoe e1.20: it stays, for it is in use: process $$ \(aoe-volume.t\)" "in use: it stays"
exec 8<&-
ok "nobody uses it: detached" aoe detach slot=20
is "$(devices) $(state)" "etherd* " "all is gone"
ok "the driver too" not_loaded

modprobe aoe aoe_iflist=eth3
ok "the driver was there before" aoe attach slot=2
is "$(tr -d '\n' < /sys/module/aoe/parameters/aoe_iflist)" "eth3 eth2" "an interface is added to its list"
ok "detached" aoe detach slot=2
ok "the driver stays" loaded
echo 1 > /dev/etherd/discover
ok "a device that the driver has found" wait_until test -b /dev/etherd/e1.2
ok "is used" aoe attach slot=2
ok "and left alone" aoe detach slot=2
ok "for it isn't berth's" test -b /dev/etherd/e1.2
configure "aoe = eth2" "release = always"
ok "unless all is to be released" aoe detach slot=2
ok "then it goes" test ! -b /dev/etherd/e1.2
done_testing
