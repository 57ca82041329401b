# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two hosts on this kernel, whose libvirtd AppArmor confines (sourced, after tap.sh): on, start_libvirtd, define_guest.
#
# Each host has its own view of what a host keeps; the kernel's policy is one. A guest's profile has the guest's UUID in its name,
# so only hostb's libvirtd makes one: two would take it from each other.

[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
deb=${BERTH_DEB:-$(find "${root:?}/build" -maxdepth 1 -name 'berth_*.deb')}
[ -e "$deb" ] || skip_all "no package of berth; make deb tiny-guest"
# shellcheck source=tests/wait-until.sh
. "${root:?}/tests/wait-until.sh"
WAIT_SECONDS=900 WAIT_PAUSE=0.5
own_folders="run var/lib/libvirt var/lib/berth var/log/libvirt var/cache/libvirt etc/libvirt etc/berth srv"
guest=0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f1
declare -A keeper

# on HOST CMD...
on() { nsenter -t "${keeper[$1]}" -m -u "${@:2}"; }

# prepare_machine: the programs, the users, the names, the profiles
prepare_machine()
{
	mount -t securityfs securityfs /sys/kernel/security
	echo 0 > /proc/sys/kernel/printk_ratelimit # what is denied is never left out
	cp -a "${KERNEL_APPARMOR:?}"/etc/apparmor* /etc/
	cp -a "$KERNEL_APPARMOR"/usr/share/apparmor* /usr/share/
	cp -a "$KERNEL_APPARMOR"/usr/sbin/apparmor_parser "$KERNEL_APPARMOR"/usr/bin/aa-enabled /usr/sbin/
	mkdir -p /etc/apparmor.d/local/abstractions /etc/libvirt /etc/berth
	touch /etc/apparmor.d/local/{usr.sbin.libvirtd,usr.lib.libvirt.virt-aa-helper,abstractions/libvirt-qemu}
	dpkg-deb -x "$deb" / && dpkg-deb -e "$deb" /tmp/control
	getent passwd libvirt-qemu > /dev/null || echo libvirt-qemu:x:64055:64054::/:/bin/false >> /etc/passwd
	getent group kvm > /dev/null || echo kvm:x:64054: >> /etc/group
	getent group libvirt-qemu > /dev/null || echo libvirt-qemu:x:64055: >> /etc/group
	echo 127.0.0.1 localhost hosta hostb > /etc/hosts
	apparmor_parser -r /etc/apparmor.d/usr.lib.libvirt.virt-aa-helper /etc/apparmor.d/usr.sbin.libvirtd
}

# be_host NAME PORT SECURITY-DRIVER: for make_host, in the host's namespaces
be_host()
{
	local folder

	hostname "$1"
	for folder in $own_folders; do
		mkdir -p "/$folder" /tmp/was
		case $folder in etc/*) cp -a "/$folder/." /tmp/was/ ;; esac
		mount -t tmpfs -o mode=755 own "/$folder"
		cp -a /tmp/was/. "/$folder/" && rm -r /tmp/was
	done
	mkdir -p /var/log/libvirt/qemu /var/cache/libvirt/qemu /var/lib/libvirt/images "/srv/$1/vm" "/srv/$1/base"
	printf '%s\n' "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" 'auth_unix_rw = "none"' 'auth_tcp = "none"' 'listen_tls = 0' \
		'listen_tcp = 1' "tcp_port = \"$2\"" 'log_outputs = "3:file:/var/log/libvirt/libvirtd.log"' > /etc/libvirt/libvirtd.conf
	printf '%s\n' 'stdio_handler = "file"' 'cgroup_controllers = []' "security_driver = \"$3\"" 'lock_manager = "berth"' > /etc/libvirt/qemu.conf
	printf '%s\n' '[paths]' "/srv/hosta = /srv/$1" '[images]' "roots = /srv/$1/vm /srv/$1/base" "base = /srv/$1/base" \
		'[limits]' 'disk_reserve_mib = 16' > /etc/berth/berth.conf
	touch /run/is-up
	exec sleep infinity
}

# make_host NAME PORT SECURITY-DRIVER
make_host()
{
	export -f be_host
	own_folders=$own_folders unshare --mount --uts bash -c 'be_host "$@"' _ "$@" < /dev/null > /dev/null 2>&1 &
	keeper[$1]=$!
	wait_until on "$1" test -e /run/is-up
	on "$1" qemu-img create -q -f raw "/srv/$1/base/base.img" 4M
}

# configure_package: what the package's installation does beside its files; as an upgrade, so that it starts nothing
configure_package() { /tmp/control/postinst configure 0; }

answers() { on "$1" virsh -q -c qemu:///system version; }
start_libvirtd() { on "$1" libvirtd --listen --daemon && wait_until answers "$1"; }
virsh_on() { on "$1" virsh -q -c qemu:///system "${@:2}"; }
# label_of PROCESS-ID: its profile and mode
label_of() { tr -d '\0' < "/proc/$1/attr/current"; }
# label_of_libvirtd HOST
label_of_libvirtd() { label_of "$(on "$1" cat /run/libvirtd.pid)"; }
# label_of_guest HOST
label_of_guest() { label_of "$(on "$1" sh -c 'cat /run/libvirt/qemu/guest.pid')"; }

# denied FROM: what AppArmor has denied, without the first FROM
denied() { dmesg | sed -n 's/.*\(apparmor="DENIED".*\)/\1/p' | tail -n +$(($1 + 1)); }

# define_guest HOST: on an overlay
define_guest()
{
	on "$1" qemu-img create -q -f qcow2 -b "/srv/$1/base/base.img" -F raw "/srv/$1/vm/guest.qcow2"
	virsh_on "$1" define /dev/stdin <<-XML
	<domain type='qemu'><name>guest</name><uuid>$guest</uuid><memory unit='MiB'>16</memory><vcpu>1</vcpu>
	<os><type arch='x86_64' machine='pc'>hvm</type><kernel>$root/build/tiny-guest/tiny.elf</kernel><cmdline>disks=check</cmdline></os>
	<features><acpi/></features><cpu mode='custom'><model>qemu64</model></cpu>
	<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
	<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/srv/$1/vm/guest.qcow2'/><target dev='vda' bus='virtio'/></disk>
	<serial type='file'><source path='/var/log/libvirt/qemu/console'/></serial>
	<controller type='usb' model='none'/><memballoon model='none'/><video><model type='none'/></video></devices></domain>
	XML
}
# console HOST: what the guest has said there
console() { on "$1" cat /var/log/libvirt/qemu/console | tr -d '\r'; }
# says HOST PATTERN
says() { console "$1" | grep -qE "$2"; }

trap tap_end EXIT
