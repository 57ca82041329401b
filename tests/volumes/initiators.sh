# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The hosts' side of volumes (sourced by volumes.sh): udevd, iscsid, AoE, multipathd, and logging in by hand.

# Without these, names of disks would be missing; all the others cost seconds, at the start and for each disk.
UDEV_RULES='50-udev-default|55-dm|56-dm-mpath|60-aoe|60-block|60-multipath|60-persistent-storage|60-persistent-storage-dm'
UDEV_RULES+='|70-open-iscsi|80-drivers|95-dm-notify'

initiator_of() { echo "iqn.2026-11.lab:$1"; }

# lacks_libraries HOST: what its storage tools, which are the machine's, don't find there
lacks_libraries()
{
	on "$1" sh -c 'ldd /usr/sbin/iscsid /usr/bin/iscsiadm /usr/lib/systemd/systemd-udevd' | awk '/=> not found/ { print $1 }' | sort -u
}

# lend_libraries HOST: gives it those, and what these need
lend_libraries()
{
	local library folder=/usr/lib/x86_64-linux-gnu

	[ -n "$(release_of "$1")" ] || return 0
	while library=$(lacks_libraries "$1" | head -n 1) && [ -n "$library" ]; do
		on "$1" sh -c "cat > $folder/$library" < "$folder/$library" || return
	done
}

# initiator_start HOST
initiator_start()
{
	lend_libraries "$1"
	on "$1" sh -e <<-SETUP
	cd /usr/lib/udev/rules.d
	ls | grep -vxE '($UDEV_RULES).rules' | xargs rm
	mkdir -p /run/spare-rules
	mv *-multipath.rules *-mpath.rules /run/spare-rules/
	/usr/lib/systemd/systemd-udevd --daemon --children-max=2 2> /dev/null
	echo InitiatorName=$(initiator_of "$1") > /etc/iscsi/initiatorname.iscsi
	# As an administrator of a lab would: no start by systemd, and no patience of minutes
	sed -i 's/^iscsid.startup/#&/; s/^\(node.session.timeo.replacement_timeout =\).*/\1 20/' /etc/iscsi/iscsid.conf
	mkdir -p /run/lock/iscsi
	modprobe -a tun iscsi_tcp sd_mod
	iscsid
	SETUP
}

# iscsi_login HOST IQN [PORTAL]: as an administrator would by hand
iscsi_login()
{
	on "$1" sh -ec "
		iscsiadm -m node -T $2 -p ${3:-$PORTAL} -o new > /dev/null
		iscsiadm -m node -T $2 -p ${3:-$PORTAL} --login > /dev/null"
}

# iscsi_login_as HOST IQN USER PASSWORD: with CHAP
iscsi_login_as()
{
	on "$1" sh -es "$PORTAL" "${@:2}" <<-'LOGIN'
	node() { iscsiadm -m node -T "$iqn" -p "$portal" "$@" > /dev/null; }
	portal=$1 iqn=$2
	node -o new
	node -o update -n node.session.auth.authmethod -v CHAP
	node -o update -n node.session.auth.username -v "$3"
	node -o update -n node.session.auth.password -v "$4"
	node --login
	LOGIN
}

# iscsi_logout HOST IQN [PORTAL]: and forgets it
iscsi_logout()
{
	on "$1" sh -ec "
		iscsiadm -m node -T $2 -p ${3:-$PORTAL} --logout > /dev/null
		iscsiadm -m node -T $2 -p ${3:-$PORTAL} -o delete"
}

# by_path IQN N [PORTAL]: the name that udev gives to that LUN
by_path() { echo "/dev/disk/by-path/ip-${3:-$PORTAL}-iscsi-$1-lun-$2"; }

# wait_device HOST FILE: until it is there, and udev has finished with it
wait_device() { on "$1" udevadm wait --timeout=30 "$2"; }

# aoe_load HOST, aoe_unload HOST: the driver, on eth0 alone
aoe_load() { on "$1" modprobe aoe aoe_iflist=eth0; }
aoe_unload() { on "$1" rmmod aoe; }

# multipath_start HOST: with names by WWID, as in a cluster; it takes any disk that has one
multipath_start()
{
	on "$1" sh -e <<-'SETUP'
	cat > /etc/multipath.conf <<-CONF
	defaults {
		user_friendly_names no
		find_multipaths no
		polling_interval 2
		no_path_retry 5
	}
	blacklist {
		devnode "^(ubd|loop|ram|etherd)"
	}
	CONF
	cp /run/spare-rules/* /usr/lib/udev/rules.d/
	udevadm control --reload
	modprobe -a dm_multipath dm_service_time
	multipathd
	for i in $(seq 100); do multipathd show status > /dev/null 2>&1 && exit; sleep 0.05; done
	exit 1
	SETUP
}

# multipath_map HOST: the one map's path; udev makes it some time after multipathd has the map
multipath_map() { wait_until on "$1" sh -c 'ls /dev/mapper/3*' && on "$1" sh -c 'ls /dev/mapper/3*'; }

# multipath_stop HOST: its maps go, too
multipath_stop()
{
	on "$1" sh -ec '
		multipathd shutdown > /dev/null
		while pgrep -x multipathd > /dev/null; do sleep 0.1; done
		n=0 # udev may look at a map that has just changed
		until multipath -F; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done
		cd /usr/lib/udev/rules.d; rm /etc/multipath.conf ./*-multipath.rules ./*-mpath.rules'
}

# initiator_tidy HOST: nothing mounted, no session, no record, no map, no AoE
initiator_tidy()
{
	on "$1" sh <<-'TIDY' > /dev/null 2>&1
	umount -a -t nfs,nfs4
	! pgrep -x multipathd || multipathd shutdown
	[ ! -e /sys/module/dm_mod ] || dmsetup remove_all --force
	rm -f /etc/multipath.conf /usr/lib/udev/rules.d/*-multipath.rules /usr/lib/udev/rules.d/*-mpath.rules
	iscsiadm -m node --logoutall=all || iscsiadm -m session --logout
	for notes in /etc/iscsi /var/lib/iscsi; do rm -rf $notes/nodes/* $notes/send_targets/*; done
	[ ! -e /sys/module/aoe ] || rmmod aoe
	pgrep -x iscsid || iscsid
	TIDY
}
