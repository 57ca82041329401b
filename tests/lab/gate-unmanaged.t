#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that berth doesn't manage lives and moves with the gate as without: berth-gate is never asked about it.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
image=$LAB_DIR/tmp/$guest.qcow2

plain_migrate() { on "$1" timeout 120 virsh -q -c "$(uri_of "$1")" migrate --live --unsafe $guest "$(uri_of "$2")"; }
asked() { on "$1" cat /run/asked 2> /dev/null; }
# unmanaged HOST: as a guest is that was there before berth; nobody writes it a manifest
unmanaged() { matching urn:berth virsh_on "$1" dumpxml $guest; }

for host in $LAB_HOSTS; do
	on "$host" mv /etc/libvirt/hooks/qemu.d/berth /root/berth-hook
	gate_stub "$host" 'echo "$*" >> /run/asked; sleep 20; exit 1'
done
cp "$LAB_DIR/base.qcow2" "$image"
chmod 666 "$image"
ok "the gate is on everywhere, the hooks are not" gate_on
ok "guest boots on hosta" guest_boot hosta $guest image="$image" nic=none
prints "it has no manifest" "" unmanaged hosta
ok "it is paused" virsh_on hosta suspend $guest
ok "and resumed" virsh_on hosta resume $guest
ok "it moves" plain_migrate hosta hostb
ok "it counts on" wait_more_ticks $guest 3
ok "back" plain_migrate hostb hosta
ok "it counts on" wait_more_ticks $guest 3
ok "it is paused" virsh_on hosta suspend $guest
ok "and moves so" plain_migrate hosta hostb
ok "it is resumed" virsh_on hostb resume $guest
ok "it counts on" wait_more_ticks $guest 3
for host in $LAB_HOSTS; do ok "nobody was asked on $host" on "$host" test ! -e /run/asked; done
guest_destroy hostb $guest
ok "no tick was lost" check_ticks "$(console_of $guest)"
for host in $LAB_HOSTS; do
	gate_unstub "$host"
	on "$host" mv /root/berth-hook /etc/libvirt/hooks/qemu.d/berth
done
rm "$image"
ok "the gate is off again, the hooks are back" gate_off
done_testing
