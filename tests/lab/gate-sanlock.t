#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sanlock behind the gate: one disk that two hosts share is used on one of them only, the guest moves with its lease, and
# what sanlock does by itself (a lost lease) reaches the guest.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/lab/shared-disk.sh
. "$(dirname "$0")/shared-disk.sh"

need_berth
need_sanlock
# 3.9.5 does not read what 5.1.1 has written ("Lease format version on storage is not recognized").
[ "$(sanlock_major hosta)" -le "$(sanlock_major hostb)" ] || skip_all "hostb's sanlock does not read the leases of hosta's"
berth_reset
leases=$shared/leases
held="Failed to acquire lock: Lease is held by another host"

# holders: "HOST:LEASES" of both
holders() { echo "hosta:$(sanlock_leases hosta) hostb:$(sanlock_leases hostb)"; }
nobody_holds() { [ "$(holders)" = "hosta:0 hostb:0" ]; }
has_paused() { [ "$(virsh_on "$1" domstate vm2)" = paused ]; }

share_disk
mkdir "$leases"
for host in hosta:1 hostb:2; do
	id=${host#*:} host=${host%:*}
	sanlock_configure "$host" "$id" "$leases"
	on "$host" sh -c "echo 'lock_manager = \"sanlock\"' >> /etc/libvirt/qemu.conf"
	[ "$host" = hostb ] || ok "it runs on $host" sanlock_start "$host"
	ok "the gate is on, with sanlock behind it" gate_on "$host"
	like "$(on "$host" cat /etc/libvirt/qemu-berth.conf)" 'chain = "sanlock"' "$host: so it is configured"
	define_too "$host"
done
like "$(on hosta berth check)" "gate +ok +on; .*, with lock manager 'sanlock' behind it" "berth check says so"
like "$(on hostb grep "$LAB_DAEMON: berth: gate" /var/log/messages)" "'sanlock' has started, but said: .*__LIBVIRT__DISKS__" \
	"on hostb, where sanlock does not run, the log tells"
like "$(start_too hostb)" "error: .*(Unable to query sector size|Failed to open socket)" "and no guest starts"
ok "sanlock runs" sanlock_start hostb
ok "libvirtd is restarted" libvirtd_restart hostb

ok "vm1 boots on hosta" berth_boot hosta vm1 image="$image"
is "$(holders)" "hosta:1 hostb:0" "with its lease"
like "$(start_too hostb)" "$held" "on hostb its disk is refused"
ok "vm1 is paused" virsh_on hosta suspend vm1
is "$(holders)" "hosta:0 hostb:0" "it has let go of its lease"
ok "libvirtd is restarted meanwhile" libvirtd_restart hosta
ok "and it is resumed" virsh_on hosta resume vm1
is "$(holders)" "hosta:1 hostb:0" "the lease is there again"

ok "vm1 moves" plain_migrate hosta hostb
ok "it counts on" wait_more_ticks vm1 3
is "$(holders)" "hosta:0 hostb:1" "its lease has moved too"
like "$(start_too hosta)" "$held" "now hosta has no access"
refused_by_berth
is "$(holders)" "hosta:0 hostb:1" "with its lease"
gate_unstub hosta
ok "hosta has no part in the leases" sanlock_leave hosta 1 "$leases"
said=$(plain_migrate hostb hosta 2>&1) && said="it migrated"
like "$said" "Failed to acquire lock" "a refusal of sanlock's, when the guest has arrived"
ok "the guest goes on at the source" wait_more_ticks vm1 3
is "$(holders)" "hosta:0 hostb:1" "with its lease"
ok "hosta takes part again" libvirtd_restart hosta
ok "back" plain_migrate hostb hosta
ok "it counts on" wait_more_ticks vm1 3
guest_destroy hosta vm1
ok "when it has ended nobody holds a lease" wait_until nobody_holds
ok "no tick was lost" check_ticks "$(console_of vm1)"

virsh_on hostb dumpxml vm2 | sed 's,<devices>,<on_lockfailure>pause</on_lockfailure>&,' | virsh_on hostb define /dev/stdin > /dev/null
is "$(start_too hostb)" "it started" "vm2 gets the disk"
is "$(holders)" "hosta:0 hostb:1" "with a lease"
truncate -s 0 "$leases/__LIBVIRT__DISKS__"
ok "when sanlock can't renew that, it has vm2 paused" wait_until has_paused hostb
guest_destroy hostb vm2
for host in hosta hostb; do
	ok "$host: sanlock ends" sanlock_stop $host
	on $host sh -c "berth gate disable --quiet; sed -i '/^lock_manager/d' /etc/libvirt/qemu.conf; rm /etc/libvirt/qemu-sanlock.conf"
	ok "$host: all is as before" libvirtd_restart $host
done
done_testing
