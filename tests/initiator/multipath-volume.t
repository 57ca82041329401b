#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A volume that the guest uses through a multipath map: by two portals, with one that is dead, with multipathd as it comes; and all
# is taken down again.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

ip addr add 127.0.0.2/8 dev lo
start_targets 127.0.0.1:3260 127.0.0.2:3260
start_initiator
make_target 1 1
modprobe dm_multipath
wwid=60000000000000000e00000000010001
name=/dev/disk/by-id/dm-uuid-mpath-3$wwid
# both VERB [KEY=VALUE...]
both() { iscsi "$1" 1 1 portal=127.0.0.2:3260 multipath=1 wwn=naa.$wwid "${@:2}"; }
left() { echo "$(what_is_here) $(compgen -G '/sys/block/dm-*')"; }
# paths: how many the map has
paths() { compgen -G "/sys/block/dm-*/slaves/*" | wc -l; }
has_two() { [ "$(paths)" = 2 ]; }
users() { "$tool" users "$1" 2>&1 || echo "none ($?)"; }
running() { multipathd show daemon | grep -q ^pid; }

is "$(both stable-name)" "$name" "the map's name on any host"
like "$(both attach 2>&1)" "ENOENT iscsi .*: the guest uses it through a multipath map, but multipathd doesn't run here; start it" "without multipathd: refused"
is "$(left)" " " "and nothing stays"

mkdir -p /etc/multipath
daemon multipathd -d
wait_until running || diag "no multipathd"
ok "attached, though multipathd has never heard of it" both attach name="$name"
ok "its map has two paths" wait_until has_two
device=$(both find)
like "$device" "^/dev/dm-[0-9]+$" "it is found as the map"
volume_of "$name"
is "$(printf '%s\n' "${words[@]}" | grep -c portal=)" 2 "what the map is: a volume with two portals"
like "${words[*]}" "multipath=1 wwn=naa.$wwid .*size=16777216" "with the identity of its paths"
ok "attached again" "$tool" attach "${words[@]}" name="$name"
like "$(iscsi attach 1 1)" "EBUSY iscsi .*: multipathd has put '/dev/sd.' into its map '3$wwid', but the guest uses the device itself" "by a guest that uses no map: refused"
like "$(both attach size=4096)" "EMEDIUMTYPE " "of another size: refused"
is "$(users "$name")" "none (1)" "nobody uses it"
is "$(users /dev/sda)" "none (1)" "for multipathd is no user, nor the map"
echo written | dd of="$name" conv=notrunc status=none

sleep 600 8< "$device" &
user=$!
like "$(both detach)" "it stays, for it is in use: process $user \(sleep\)" "in use: it stays"
like "$("$tool" users /dev/sda)" "process $user \(sleep\)" "who uses the map, uses its paths"
end_serving $user
ok "fenced" "$tool" fence "$name"
ok "detached" both detach
is "$(left)" " " "all is gone"
is "$(head -n 1 "$work/t1.1" | tr -d '\0')" written "what was written lies on the target"
ok "detached again" both detach

ok "attached again, by a WWID that multipathd knows" both attach name="$name"
ok "detached" both detach
ok "attached while one portal is dead" iscsi attach 1 1 portal=127.0.0.3:3260 multipath=1 wwn=naa.$wwid name="$name"
is "$(paths)" 1 "its map has one path"
ok "detached" iscsi detach 1 1 portal=127.0.0.3:3260 multipath=1 wwn=naa.$wwid
is "$(left)" " " "all is gone"
done_testing
