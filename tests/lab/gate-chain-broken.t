#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A lock manager that can't be chained: libvirtd does not start without it, and says why in one line; berth says so before.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_lock_managers
berth_reset
conf=/etc/libvirt/qemu-berth.conf
no_plugin="'/usr/lib/.*/lock-driver/absent.so': No such file or directory; install libvirt's plugin"
configure() { on hosta tee "$conf" > /dev/null; }
fails() { ! "$@"; }
said() { "$@" 2>&1; }
qemu_conf() { on hosta sha256sum /etc/libvirt/qemu.conf; }
gate_lines() { on hosta grep "$LAB_DAEMON: berth: gate: " /var/log/messages; }
more_gate_lines() { [ "$(gate_lines | wc -l)" -gt "$1" ]; }
# last_words: of a libvirtd that does not start; it would wait for its clients. syslogd writes them a moment later.
last_words()
{
	local before

	before=$(gate_lines | wc -l)
	on hosta timeout 30 "$LAB_DAEMON" > /dev/null 2>&1 && echo "it ran"
	wait_until more_gate_lines "$before"
	gate_lines | tail -n 1
}

was=$(on hosta cat $conf)
before=$(qemu_conf)
configure <<< 'chain = "absent"'
like "$(said on hosta berth gate enable)" "berth: '$conf': lock manager 'absent': $no_plugin" "the gate is not turned on with a plugin that isn't there"
configure <<< "chain = lockd"
like "$(said on hosta berth gate enable)" "berth: '$conf': line 1: .* is not of the form key = \"value\"" "nor with a line that nobody understands"
plugin=$(on hosta sh -c 'echo /usr/lib/*/libvirt/lock-driver/lockd.so')
on hosta mv "$plugin" "$plugin.away"
configure <<< 'chain = "lockd"'
like "$(said on hosta berth gate enable)" "'$plugin': No such file .*install .*, package libvirt-daemon-plugin-lockd" "the missing plugin's package is named"
on hosta mv "$plugin.away" "$plugin"
on hosta cp /dev/null $conf
on hosta sh -c "echo 'lock_manager = \"absent\"' >> /etc/libvirt/qemu.conf"
like "$(said on hosta berth gate enable)" "berth: lock manager 'absent': $no_plugin" "nor behind another that isn't there"
on hosta sed -i '/^lock_manager/d' /etc/libvirt/qemu.conf
is "$(qemu_conf)" "$before" "qemu.conf is as before"

ok "it is on" gate_on hosta
like "$(on hosta berth check)" "gate +ok +on; it must be on wherever guests go to or come from" "berth check is content"
configure <<< 'chain = "absent"'
like "$(on hosta berth gate status)" "^gate: on; $LAB_DAEMON will not start again: .*$no_plugin" "a mistake that is made later: berth gate status tells it"
ok "and so its exit status" fails on hosta berth gate status --quiet
like "$(on hosta berth check)" "gate +wrong +$LAB_DAEMON will not start again: .*$no_plugin" "berth check too"

libvirtd_stop hosta
like "$(last_words)" "gate: load lock manager 'absent': /.*/absent.so: cannot open .*; install .*, or take chain out of '$conf'" "libvirtd says why"
configure <<< 'chian = "lockd"'
like "$(last_words)" "gate: '$conf': line 1: 'chian' is no key; chain is one" "of a wrong key"
configure <<< 'chain = "lockd"'
on hosta sh -c "echo 'auto_disk_leases = \"perhaps\"' > /etc/libvirt/qemu-lockd.conf"
like "$(last_words)" "gate: lock manager 'lockd' does not start: .*auto_disk_leases.*; see '/etc/libvirt/qemu-lockd.conf'" "of the other's own configuration"

on hosta rm /etc/libvirt/qemu-lockd.conf
configure <<< "$was"
ok "without the mistakes libvirtd starts" libvirtd_start hosta
is "$(on hosta berth gate status)" "gate: on" "with the gate"
gate_off hosta
is "$(qemu_conf)" "$before" "qemu.conf is as before"
done_testing
