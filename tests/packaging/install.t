#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The package, installed in a copy of this system: AppArmor's profile, upgrade, removal and purge; no image is ever touched.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
# shellcheck source=tests/wait-until.sh
. tests/wait-until.sh

[ "$(id -u)" = 0 ] || skip_all "needs root"
deb=$(realpath "${BERTH_DEB:-$(find build -maxdepth 1 -name 'berth_*.deb')}")
# All that follows happens in a mount namespace of its own, on an overlay in memory.
[ -n "${IN_COPY:-}" ] || IN_COPY=1 exec unshare --mount --pid --fork --kill-child "$0"
root=/mnt # in this namespace only
mount -t tmpfs copy "$root"
mkdir "$root/upper" "$root/work" "$root/root"
mount -t overlay copy -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$root/root"
mount -t proc proc "$root/root/proc"
mount -t devtmpfs dev "$root/root/dev" 2> /dev/null || mount --bind /dev "$root/root/dev"
mount -t tmpfs run "$root/root/run"
cp "$deb" "$root/root/run/berth.deb"

in_copy() { chroot "$root/root" /usr/bin/env DEBIAN_FRONTEND=noninteractive "$@"; }
lines_in() { in_copy sed -n '/berth: begin/,/berth: end/p' /etc/apparmor.d/local/usr.sbin.libvirtd; }
# daemon NAME: a process of that name, which stands for libvirt's; end_daemon: it ends
daemon()
{
	install -D /bin/sleep "$root/root/usr/sbin/$1"
	(exec chroot "$root/root" "/usr/sbin/$1" 600) &
	daemon=$!
	wait_until in_copy pidof -s "$1"
}
end_daemon() { kill "$daemon" && wait "$daemon" 2> /dev/null; rm "$root/root/usr/sbin/virtqemud"; }
lines='# berth: begin
/usr/libexec/berth/* PUx,
# berth: end'
local_profile=$root/root/etc/apparmor.d/local/usr.sbin.libvirtd
state=$root/root/var/lib/berth

in_copy rm -rf /etc/berth /var/lib/berth /etc/libvirt/hooks/qemu.d
in_copy mkdir -p /etc/apparmor.d/local
printf '# Site-specific additions\n/srv/** r,\n' | tee "$local_profile" > "$root/before"
echo '# a profile' > "$root/root/etc/apparmor.d/usr.sbin.libvirtd"

ok "dpkg -i" in_copy dpkg --no-triggers -i /run/berth.deb
ok "the hook is there and runs" in_copy /etc/libvirt/hooks/qemu.d/berth --help
ok "berth runs" in_copy berth status
is "$(lines_in)" "$lines" "libvirtd's profile allows it"
echo "# mine" >> "$root/root/etc/berth/berth.conf"
ok "dpkg -i once more" in_copy dpkg --no-triggers -i /run/berth.deb
is "$(lines_in)" "$lines" "the profile has the lines once"
is "$(tail -n 1 "$root/root/etc/berth/berth.conf")" "# mine" "berth.conf is kept"

echo "lock_manager = 'berth'" > "$root/root/etc/libvirt/qemu.conf"
daemon virtqemud
said=$(in_copy dpkg --no-triggers -r berth 2>&1 && echo removed)
like "$said" "berth: the gate is off.berth: restart virtqemud, so that it lets go.*removed$" "dpkg -r: the daemon that runs must be restarted, says prerm"
prints "none looks for the gate any more" "" in_copy cat /etc/libvirt/qemu.conf
ok "the profile is as before" cmp "$local_profile" "$root/before"
ok "berth.conf is kept" test -e "$root/root/etc/berth/berth.conf"
ok "no dangling hook stays" test ! -L "$root/root/etc/libvirt/hooks/qemu.d/berth"

in_copy dpkg --no-triggers -P berth > /dev/null
like "$(in_copy dpkg --no-triggers -i /run/berth.deb 2>&1)" "berth: restart virtqemud, so that it notices the hook" \
	"the first installation wants that, too"
end_daemon
in_copy dpkg --no-triggers -P berth > /dev/null
prints "where none runs, it says nothing" "" matching "restart|libvirtd|virtqemud" in_copy dpkg --no-triggers -i /run/berth.deb
mkdir -p "$state/journal" "$state/images" "$state/digests"
echo stale > "$root/root/srv/vm1.qcow2"
uuid=0a4073c4-d634-486b-8204-3c665350145f
printf 'berth-images\t1\nguest\tname=vm1\nimage\tpath=/srv/vm1.qcow2\tstate=departed\tmade=1\n' > "$state/images/$uuid"
printf 'berth-journal\t1\n' > "$state/journal/$uuid"
like "$(in_copy dpkg --no-triggers -P berth 2>&1)" "stale images .*
/srv/vm1.qcow2
.*/var/lib/berth stays" "a purge names stale images, and says that an unsettled journal stays"
ok "it does" test -e "$state/journal/$uuid"
ok "and so do images" test -e "$root/root/srv/vm1.qcow2"
ok "/etc/berth has gone" test ! -e "$root/root/etc/berth"
in_copy dpkg --no-triggers -i /run/berth.deb > /dev/null
rm "$state/journal/$uuid"
ok "a purge where all is settled" in_copy dpkg --no-triggers -P berth
ok "removes what berth knew" test ! -e "$state"
done_testing
