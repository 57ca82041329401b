#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gate lifts the fences of all volumes of a guest, or of none: its deadline comes while it looks for them, or between two of
# them; one of them is gone.

root=$(cd "$(dirname "$0")/../.." && pwd)
BERTH_BUILD=build/faults
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"

modprobe scsi_debug dev_size_mb=16 num_tgts=1 max_luns=3 && modprobe sd_mod
wait_until test -b /dev/sdc || diag "no three disks"
disks=(/dev/sda /dev/sdb /dev/sdc)
alarm=14

fence() { local disk; for disk in "${disks[@]}"; do "$tool" fence "$disk" || return; done; }
# fenced: how many
fenced() { local disk n=0; for disk in "${disks[@]}"; do ! "$tool" is-fenced "$disk" || n=$((n + 1)); done; echo $n; }
# deadline POINT: it comes there
deadline() { BERTH_FAULT=$1 BERTH_FAULT_SIGNAL=$alarm "$tool" lift "${disks[@]}"; }

ok "fenced" fence
ok "all are lifted" "$tool" lift "${disks[@]}"
is "$(fenced)" 0 "none is fenced"
for n in 1 2 3; do
	ok "fenced" fence
	deadline fence-opened:$n
	is $? 1 "the deadline comes when $n are found: refused"
	is "$(fenced)" 3 "and all are fenced"
	ok "it comes when $n are lifted: too late to refuse" deadline fence-lifted:$n
	is "$(fenced)" 0 "none is fenced"
done
ok "fenced" fence
like "$("$tool" lift "${disks[@]}" /dev/no-such 2>&1)" "^ENOENT disk 'vdd': '/dev/no-such'" "one is gone: refused"
is "$(fenced)" 3 "and all are fenced"
ok "lifted" "$tool" lift "${disks[@]}"
ok "the disks are taken away" wait_until modprobe -r scsi_debug
done_testing
