# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirtd in a lab host (sourced by lab.sh): configuration, start, stop, kill.

# libvirtd_configure HOST: complete configuration files; what they do not name keeps libvirt's default.
libvirtd_configure()
{
	on "$1" tee /etc/libvirt/libvirtd.conf > /dev/null <<-CONF
	listen_tls = 0
	listen_tcp = 1
	auth_tcp = "none"
	auth_unix_ro = "none"
	auth_unix_rw = "none"
	host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
	log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
	CONF
	# No virtlogd, no AppArmor profiles: the lab brings neither. The user and the ownership rules are the defaults.
	on "$1" tee /etc/libvirt/qemu.conf > /dev/null <<-CONF
	user = "libvirt-qemu"
	group = "kvm"
	security_driver = "none"
	stdio_handler = "file"
	$LAB_KIND_QEMU_CONF
	${LAB_QEMU_CONF:-}
	CONF
	seed_capabilities "$1"
}

# What libvirt learnt about QEMU, in a file that libvirt itself checks against the binaries' times and versions:
# an outdated one costs a new probe, never a wrong answer.
seed_capabilities()
{
	[ ! -d "$LAB_CAPABILITIES" ] || cp -r "$LAB_CAPABILITIES" "$LAB_DIR/host/$1/capabilities"
	on "$1" sh -c "cp -r $LAB_DIR/host/$1/capabilities /var/cache/libvirt/qemu/ 2>/dev/null" || :
}

keep_capabilities()
{
	local host=${LAB_HOSTS%% *} tmp

	virsh_on "$host" domcapabilities --virttype qemu > /dev/null
	tmp=$(mktemp -d "$LAB_CACHE/tmp.XXXXXX")
	on "$host" tar -C /var/cache/libvirt/qemu -c capabilities | tar -C "$tmp" -x
	if ! diff -rq "$tmp/capabilities" "$LAB_CAPABILITIES" > /dev/null 2>&1; then
		rm -rf "$LAB_CAPABILITIES"
		mv -T "$tmp/capabilities" "$LAB_CAPABILITIES" 2> /dev/null || : # another lab was first
	fi
	rm -rf "$tmp"
}

libvirtd_pid() { on "$1" cat /run/libvirtd.pid 2> /dev/null; }
libvirtd_answers() { virsh_on "$1" version; }
libvirtd_gone() { ! on "$1" pgrep -x libvirtd; }
libvirtd_launch() { on "$1" libvirtd --listen --daemon; }
libvirtd_ready() { wait_until 30 libvirtd_answers "$1"; }
libvirtd_start() { libvirtd_launch "$1" && libvirtd_ready "$1"; }

# libvirtd_signal HOST SIGNAL: and waits until it has gone
libvirtd_signal()
{
	on "$1" pkill "-$2" -x libvirtd
	wait_until 20 libvirtd_gone "$1"
}

libvirtd_stop() { libvirtd_signal "$1" TERM; }
libvirtd_kill() { libvirtd_signal "$1" KILL; }
libvirtd_restart() { libvirtd_stop "$1" && libvirtd_start "$1"; }
