#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong at the very moment when the guest is about to run here refuses it, and it goes on at the source: no manifest can
# know of a block commit, nor of what somebody does to the destination's images while the migration is under way.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
plugin=$(on hosta find /usr/lib /usr/lib64 -path '*/libvirt/lock-driver/berth.so' 2> /dev/null | head -1)
[ -n "$plugin" ] || skip_all "berth.so is not installed in the hosts"
berth_reset
guest=vm1
gate=/usr/libexec/berth/berth-gate

# gate_on HOST: berth is libvirtd's lock manager
gate_on() { on "$1" sh -c 'echo "lock_manager = \"berth\"" >> /etc/libvirt/qemu.conf' && libvirtd_restart "$1"; }
# tamper COMMANDS: on hostb, when libvirtd asks whether the guest may run
tamper()
{
	on hostb sh -c "test -e $gate.real || mv $gate $gate.real; cat > $gate; chmod 755 $gate" <<-TAMPER
	#!/bin/sh
	[ "\$1" != verify ] || { $1; } > /dev/null 2>&1
	exec $gate.real "\$@"
	TAMPER
}
# refused NAME REGEX: the migration fails, hostb's log says why, and the guest goes on at hosta
refused()
{
	ok "$1: refused" fails migrate hosta $guest hostb
	like "$(on hostb grep 'gate: verify' /var/log/messages | tail -n 1)" "$2" "$1: with the reason"
	ok "$1: the guest goes on" wait_more_ticks $guest 5
	ok "$1: and hostb is cleared" wait_settled hostb
}
fails() { ! "$@" > /dev/null 2>&1; }

for host in hosta hostb; do gate_on $host; done
ok "guest boots on hosta" berth_boot hosta $guest
tamper "truncate -s 300K /srv/vm/$guest.qcow2"
refused "overlay cut" "'/srv/vm/$guest.qcow2' was cut"
tamper "cp /srv/base/base.qcow2 /srv/base/new && mv /srv/base/new /srv/base/base.qcow2"
refused "base image replaced" "'/srv/base/base.qcow2' was replaced by another file"
tamper "printf x | dd of=/srv/base/base.qcow2 bs=1 seek=400000 conv=notrunc"
refused "base image written" "'/srv/base/base.qcow2' has been written"
tamper "cp /srv/vm/$guest.qcow2 /srv/vm/new && mv /srv/vm/new /srv/vm/$guest.qcow2"
on hosta cat /var/lib/libvirt/images/base.qcow2 | on hostb sh -c 'cat > /srv/base/base.qcow2'
refused "image replaced" "'/srv/vm/$guest.qcow2' is not the file that was made"
on hostb rm /srv/vm/$guest.qcow2

tamper true
ok "with nothing wrong it moves" moved hosta $guest hostb
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
guest_destroy hostb $guest
done_testing
