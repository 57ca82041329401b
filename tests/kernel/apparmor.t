#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirtd, confined by AppArmor with the profile of this Debian release,
# runs the hook, the gate and what these run; a guest moves.
# Long: two libvirtds and a guest in the emulated kernel take minutes.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/kernel/confined-host.sh
. "$root/tests/kernel/confined-host.sh"

prepare_machine
make_host hosta 16509 none
make_host hostb 16510 apparmor
ok "libvirtd starts, with berth.so" start_libvirtd hosta
is "$(label_of_libvirtd hosta)" "libvirtd (enforce)" "and is confined"
define_guest hosta

like "$(virsh_on hosta start guest 2>&1)" "qemu.d/berth: Permission denied" "Debian's profile alone lets no hook in /usr/libexec run"
like "$(denied 0)" "operation=\"exec\" (class=\"file\" )?profile=\"libvirtd\" name=\"/usr/libexec/berth/berth-hook\"" "and the kernel says so"
before=$(denied 0 | wc -l)

ok "the package is configured" configure_package
ok "the guest starts" virsh_on hosta start guest
ok "it has its disk" wait_until says hosta "disk 0 durable 5"
has_manifest() { virsh_on hosta dumpxml guest | grep -q 'urn:berth:state:1'; }
ok "berth, started by the hook, writes the manifest" wait_until has_manifest

on hosta sh -c 'cp -a /var/cache/libvirt/qemu/capabilities /tmp/'
on hostb cp -a /tmp/capabilities /var/cache/libvirt/qemu/
ok "hostb's libvirtd starts" start_libvirtd hostb
is "$(label_of_libvirtd hostb)" "libvirtd (enforce)" "and is confined"
ok "the gate's lock manager is loaded" on hostb test -e /run/berth/gate
ok "the guest moves, with the gate, onto an image that berth makes" \
	virsh_on hosta migrate --live --copy-storage-inc guest qemu+tcp://hostb:16510/system
like "$(label_of_guest hostb)" "^libvirt-$guest \(enforce\)" "it is confined at hostb"
like "$(cat "/etc/apparmor.d/libvirt/libvirt-$guest.files")" \
	'"/srv/hostb/vm/guest.qcow2" rwk,.*"/srv/hostb/base/base.img" rk,' "its profile names the image that berth has made, and what it lies on"
ok "it goes on writing to its disk" wait_until says hostb "disk 0 durable [0-9]+"
settled() { [ -z "$(on hostb find /var/lib/berth/journal -type f)" ]; }
ok "the watcher settles the migration" wait_until settled
prints "nothing that berth or the guest needs was denied" "" denied "$before"
done_testing
