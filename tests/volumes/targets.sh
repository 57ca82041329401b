# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# iSCSI targets on the storage host (sourced by volumes.sh): tgtd, its targets and LUNs, and portals of every kind.
#
# A LUN is a file /srv/luns/IQN-N in storage's memory. tgtd has write-back caches, as disks have: what a guest has
# flushed is in the file. Names of LUNs: IQN:N is too ambiguous, so functions take IQN and N.

PORTAL=10.88.0.100:3260
# shellcheck disable=SC2034 # tests use them
PORTAL2=10.88.0.101:3260
# Nobody has this address.
# shellcheck disable=SC2034
NO_PORTAL=10.88.0.199:3260

# targets_start HOST: with both portals
targets_start()
{
	on "$1" sh -e <<-SETUP
	ip addr add ${PORTAL%:*}/24 dev eth0
	ip addr add ${PORTAL2%:*}/24 dev eth0
	mkdir -p /srv/luns
	tgtd
	until tgtadm --op show --mode sys > /dev/null 2>&1; do sleep 0.05; done
	SETUP
}

# tgt_script: functions for sh in the storage host. One call of `on` for many steps: a process costs 20 ms in there.
tgt_script()
{
	cat <<-'SH'
	tgt() { tgtadm --lld iscsi --op "$@"; }
	tids() { tgt show --mode target | sed -nE 's/^Target ([0-9]+): (.*)/\1 \2/p'; }
	tid_of() { tids | awk -v iqn="$1" '$2 == iqn { print $1; found = 1 } END { exit !found }' || { echo "no target $1" >&2; exit 1; }; }
	# delete_lun TID N: tgtd doesn't while a command is under way, udev's for instance; its end is waited for, 20 s
	delete_lun()
	{
		tries=0
		until said=$(tgt delete --mode logicalunit --tid "$1" --lun "$2" 2>&1); do
			tries=$((tries + 1))
			case $said in *"still active"*) [ $tries -lt 200 ] ;; *) false ;; esac || { echo "$said" >&2; exit 1; }
			sleep 0.1
		done
	}
	# add_lun TID IQN N SIZE [SERIAL]
	add_lun()
	{
		file=/srv/luns/$2-$3
		truncate -s "$4" "$file"
		tgt new --mode logicalunit --tid "$1" --lun "$3" --backing-store "$file"
		serial=${5:-$2-$3}
		# tgtd makes the WWN of the hexadecimal digits in this.
		id=$(printf %s "$serial" | md5sum | cut -c -16)
		tgt update --mode logicalunit --tid "$1" --lun "$3" --params "scsi_sn=$serial,scsi_id=$id,vendor_id=LAB"
	}
	SH
}

# on_tgt WORDS... < SCRIPT: SCRIPT, with WORDS as \$1..., by sh in the storage host, or in $TGT_HOST
on_tgt() { { tgt_script; cat; } | on "${TGT_HOST:-storage}" sh -es "$@"; }

# make_target IQN [SIZE[:SERIAL]]...: LUNs 1, 2, ... of these sizes (as truncate's: 16M). The WWN is made of SERIAL
make_target()
{
	on_tgt "$@" <<-'SH'
	iqn=$1
	shift
	tid=$(tids | awk '{ if ($1 > n) n = $1 } END { print n + 1 }')
	tgt new --mode target --tid "$tid" --targetname "$iqn"
	n=0
	for lun; do
		n=$((n + 1))
		case $lun in *:*) serial=${lun#*:} ;; *) serial= ;; esac
		add_lun "$tid" "$iqn" $n "${lun%%:*}" "$serial"
	done
	tgt bind --mode target --tid "$tid" --initiator-address ALL
	SH
}

# remove_target IQN: also from those who are logged in
remove_target()
{
	on_tgt "$@" <<-'SH'
	tgt delete --mode target --tid "$(tid_of "$1")" --force
	rm -f "/srv/luns/$1"-*
	SH
}

# replace_lun IQN N SIZE SERIAL: another disk behind the same number
replace_lun()
{
	on_tgt "$@" <<-'SH'
	tid=$(tid_of "$1")
	delete_lun "$tid" "$2"
	rm "/srv/luns/$1-$2"
	add_lun "$tid" "$1" "$2" "$3" "$4"
	SH
}

# remove_lun IQN N
remove_lun()
{
	on_tgt "$@" <<-'SH'
	delete_lun "$(tid_of "$1")" "$2"
	rm "/srv/luns/$1-$2"
	SH
}

# require_chap IQN USER PASSWORD: from the next login on
require_chap()
{
	on_tgt "$@" <<-'SH'
	tgt show --mode account | grep -qx " *$2" || tgt new --mode account --user "$2" --password "$3"
	tgt bind --mode account --tid "$(tid_of "$1")" --user "$2"
	SH
}

# lun_file IQN N: where its data lies in the storage host
lun_file() { echo "/srv/luns/$1-$2"; }

# lun_raw IQN N FILE: its data into FILE of the shared folder. Data that an initiator has not flushed may be missing.
lun_raw() { on storage cp --sparse=always "$(lun_file "$1" "$2")" "$3"; }

# portal_down ADDRESS:PORT: as if its cable was pulled: no answer, no reset
portal_down() { on storage ip addr del "${1%:*}/24" dev eth0; }
portal_up() { on storage ip addr add "${1%:*}/24" dev eth0; }

# impostor HOST: from now on HOST reaches at $PORTAL only itself, and what tgtd there offers (TGT_HOST=HOST make_target...). The
# others see nothing of it: so HOST can be shown every kind of wrong target, while a guest elsewhere works with the right one.
impostor()
{
	on "$1" sh -es "${PORTAL%:*}" <<-'SH'
	ip addr add "$1/32" dev lo
	mkdir -p /srv/luns
	tgtd
	for try in $(seq 200); do ! tgtadm --op show --mode sys > /dev/null 2>&1 || exit 0; sleep 0.05; done
	exit 1
	SH
}

# impostor_stop HOST: it reaches storage again
impostor_stop()
{
	on "$1" sh -es "${PORTAL%:*}" <<-'SH'
	ip addr del "$1/32" dev lo
	kill -KILL $(pgrep -x tgtd)
	for try in $(seq 200); do pgrep -x tgtd > /dev/null || break; sleep 0.05; done
	rm -f /srv/luns/*
	SH
}

# silent_portal PORT [HOST]: prints a portal that accepts connections and says nothing; at storage it ends with the test
silent_portal()
{
	on "${2:-storage}" sh -c "perl -MIO::Socket::INET -e '
		my \$listener = IO::Socket::INET->new(LocalPort => $1, Listen => 64, ReuseAddr => 1) or die;
		open my \$file, q(>), q(/run/silent-$1.pid); print \$file \$\$; close \$file;
		sleep' > /dev/null 2>&1 < /dev/null &"
	wait_until on "${2:-storage}" test -s "/run/silent-$1.pid"
	echo "${PORTAL%:*}:$1"
}

# targets_tidy: no target, no account; both portals
targets_tidy()
{
	on_tgt "$PORTAL" "$PORTAL2" <<-'SH'
	for tid in $(tids | cut -d' ' -f1); do tgt delete --mode target --tid "$tid" --force; done
	tgt show --mode account | sed -n 's/^  *//p' | while read -r user; do tgt delete --mode account --user "$user"; done
	rm -f /srv/luns/*
	for file in /run/silent-*.pid; do [ ! -e "$file" ] || { kill "$(cat "$file")"; rm "$file"; }; done
	for portal; do ip addr add "${portal%:*}/24" dev eth0 2> /dev/null || :; done
	SH
}
