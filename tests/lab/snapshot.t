#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that came and went leaves a host as it was: host_snapshot shows the guest, and then no difference.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

guest=passing
data=$(images_of hosta)/$guest-data.qcow2
# What berth has noted of a guest's images goes when a guest is looked at after the files have gone.
snapshot() { host_snapshot hosta | grep -v ' /var/lib/berth/images/'; }
boot_with_data() { image_create hosta "$data" && guest_boot hosta $guest disk=vdb:"$data" ip=10.99.0.10/24; }
resumed() { wait_tick $guest $((seen + 5)) && grep -q '^resume-from' "$(console_of $guest)"; }

plan 7
before=$(snapshot)
ok "guest boots, with a second disk" boot_with_data
during=$(host_snapshot hosta)
like "$during" "process qemu $guest" "the snapshot shows its QEMU"
like "$during" "link vnet[0-9]+ in br0" "and its port"
guest_destroy hosta $guest
seen=$(last_tick $guest)
ok "the second disk is whole" check_end hosta "$data" vdb
guest_start hosta $guest
ok "a cold start goes on counting" resumed
guest_destroy hosta $guest
ok "without a gap" check_ticks "$(console_of $guest)"
lab_tidy
is "$(snapshot)" "$before" "nothing is left"
