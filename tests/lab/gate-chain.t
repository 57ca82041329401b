#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lockd behind the gate: one disk that two hosts share is used on one of them only, and the guest moves with its lock.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/lab/shared-disk.sh
. "$(dirname "$0")/shared-disk.sh"

need_berth
need_lock_managers
berth_reset
lockd() { on "$1" virtlockd --daemon --pid-file /run/virtlockd.pid && wait_until on "$1" test -S /run/libvirt/virtlockd-sock; }

share_disk
mkdir -m 777 "$shared/locks"
for host in hosta hostb; do
	ok "$host: virtlockd" lockd $host
	on $host sh -c "echo 'file_lockspace_dir = \"$shared/locks\"' > /etc/libvirt/qemu-lockd.conf
		echo 'lock_manager = \"lockd\"' >> /etc/libvirt/qemu.conf"
	ok "$host: the gate, with lockd behind it" gate_on $host
	like "$(on $host cat /etc/libvirt/qemu-berth.conf)" 'chain = "lockd"' "$host: so it is configured"
	define_too $host
done

locked="(resource busy|Lockspace resource)"
ok "vm1 boots on hosta" berth_boot hosta vm1 image="$image"
like "$(start_too hostb)" "$locked" "on hostb its disk is refused"
ok "vm1 is paused" virsh_on hosta suspend vm1
ok "and resumed" virsh_on hosta resume vm1
like "$(start_too hostb)" "$locked" "the lock is there again"

ok "vm1 moves" plain_migrate hosta hostb
ok "it counts on" wait_more_ticks vm1 3
like "$(start_too hosta)" "$locked" "now hosta has no access"
refused_by_berth
like "$(start_too hosta)" "$locked" "and lockd has taken its lock back from hosta"
gate_unstub hosta
ok "back" plain_migrate hostb hosta
ok "it counts on" wait_more_ticks vm1 3

ok "settled" wait_settled hosta
ok "its manifest is hosta's" wait_until manifest_is_from hosta vm1
ok "hostb's gate without lockd" eval "on hostb sed -i '/^chain/d' /etc/libvirt/qemu-berth.conf && libvirtd_restart hostb"
said=$(plain_migrate hosta hostb 2>&1) && said="it migrated"
like "$said" "lockd on the source host, none here" "locks that only one host takes are refused"
ok "the guest goes on at the source" wait_more_ticks vm1 3
ok "hostb gets lockd back" eval "on hostb sh -c 'echo chain = \\\"lockd\\\" >> /etc/libvirt/qemu-berth.conf' && libvirtd_restart hostb"
like "$(start_too hostb)" "$locked" "and its disk is refused there"
guest_destroy hosta vm1
is "$(start_too hostb)" "it started" "when vm1 has ended, vm2 gets the disk"
guest_destroy hostb vm2
ok "no tick was lost" check_ticks "$(console_of vm1)"
for host in hosta hostb; do
	on $host sh -c "berth gate disable --quiet; sed -i '/^lock_manager/d' /etc/libvirt/qemu.conf; sed -i '/^chain/d' /etc/libvirt/qemu-berth.conf
		rm /etc/libvirt/qemu-lockd.conf; pkill -x virtlockd"
	ok "$host: all is as before" libvirtd_restart $host
done
done_testing
