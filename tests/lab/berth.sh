# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# berth in a lab host (sourced by lab.sh): installation, configuration, traces, diagnostics.

# install_berth HOST: $BERTH_DEB, as its administrator would. libvirtd restarts: it notices new hooks only at its start.
install_berth()
{
	local package=$LAB_DIR/host/$1/berth.deb

	cp "$(package_of "$1")" "$package"
	on "$1" env DEBIAN_FRONTEND=noninteractive dpkg -i "$package" > "$LAB_DIR/dpkg.log" 2>&1 ||
		{ cat "$LAB_DIR/dpkg.log" >&2; return 1; }
	libvirtd_restart "$1"
}

# need_faults PROGRAM...: for the head of a test: in $LAB_DIR/faults/HOST, as "make FAULTS=1" has built them
need_faults()
{
	local host faults program

	for host in $LAB_HOSTS; do
		faults=$(faults_of "$host")
		for program; do
			[ -x "$faults/$program" ] || skip_all "no programs that can be killed: make FAULTS=1"
			install -D -t "$LAB_DIR/faults/$host" "$faults/$program"
		done
	done
}

berth_installed() { on "$1" test -x /etc/libvirt/hooks/qemu.d/berth; }

# need_berth: for the head of a test that is about berth
need_berth() { berth_installed "${LAB_HOSTS%% *}" || skip_all "berth is not installed in the hosts: set BERTH_DEB"; }

# write_conf HOST < TEXT: its /etc/berth/berth.conf
write_conf() { on "$1" sh -c 'mkdir -p /etc/berth && cat > /etc/berth/berth.conf'; }

# host_files HOST: what below these folders is there, and whose; not berth's locks, its empty folders, and its kept digests
host_files()
{
	on "$1" find /var/lib/libvirt/images /srv /etc/libvirt/qemu /var/lib/berth /run/libvirt/qemu \
		! -path '/var/lib/berth/digests*' ! -path /var/lib/berth/lock ! -path /var/lib/berth/records.lock ! -path /var/lib/berth/network.lock ! -path /var/lib/berth/tracking ! '(' -path '/var/lib/berth/*' -type d ')' \
		-printf '%y %m %u:%g %p %l\n' 2> /dev/null
}

# host_processes: QEMUs by guest, and anything of berth's
host_processes()
{
	on "$1" ps -eo args= | sed -nE \
		-e 's/^.*qemu-system-[^ ]+ -name guest=([^, ]+).*/process qemu \1/p' \
		-e '/qemu-system|berth-lab/!s/^.*\b(berth[^ ]*).*/process \1/p'
}

# host_links HOST: "link NAME" or "link NAME in BRIDGE"
host_links()
{
	on "$1" ip -o link | awk '{
		split($2, name, /[:@]/)
		for (i = 3; i < NF && $i != "master"; i++);
		print "link " name[1] (i < NF ? " in " $(i + 1) : "")
	}'
}

# host_snapshot HOST: a sorted listing to compare: files, processes and network links that a guest or berth may leave
host_snapshot()
{
	{
		host_files "$1"
		host_processes "$1"
		host_links "$1"
		on "$1" sh -c 'command -v nft > /dev/null && nft list tables'
	} | LC_ALL=C sort
}

# libvirtd_log HOST: without what every libvirtd in a lab host says at its start
libvirtd_log()
{
	on "$1" grep -vE 'DBus|udevGetDMIData|dmidecode|/dev/kvm|virSecurityManagerNew|^$' /var/log/libvirt/$LAB_DAEMON.log
}

# lab_diagnostics: what a failed test should show: the newest lines of every log
lab_diagnostics()
{
	local host file

	for host in $LAB_HOSTS; do
		echo "--- $host: $LAB_DAEMON"
		libvirtd_log "$host" | tail -n 8
		echo "--- $host: berth"
		on "$host" grep berth /var/log/messages | tail -n 12
		echo "--- $host: guests"
		virsh_on "$host" list --all
	done 2>&1
	for file in "$LAB_DIR"/console/*; do
		[ ! -e "$file" ] || { echo "--- console ${file##*/}"; tail -n 5 "$file"; }
	done
}

# berth_conf HOST [MORE]: the configuration that lets guests of the other hosts come; MORE lines go behind it
berth_conf()
{
	case $1 in
	hosta)
		write_conf "$1" <<-CONF
		[paths]
		/srv/vm = /var/lib/libvirt/images
		/srv/base = /var/lib/libvirt/images
		[bridges]
		br-lan = br0
		${2:-}
		CONF
		;;
	*)
		write_conf "$1" <<-CONF
		[paths]
		/var/lib/libvirt/images = /srv/vm
		[bridges]
		br0 = br-lan
		[images]
		roots = /srv/vm
		base = /srv/base
		${2:-}
		CONF
		;;
	esac
}

# berth_reset: every host as after a fresh installation, with its configuration, and without what other tests have logged
berth_reset()
{
	local host

	for host in $LAB_HOSTS; do
		on "$host" sh -c 'rm -rf /var/lib/berth/* /etc/berth/berth.conf.d/*; : > /var/log/messages'
		berth_conf "$host"
	done
}

has_manifest() { virsh_on "$1" metadata "$2" --uri urn:berth:state:1; }
# manifest_of HOST NAME [ATTRIBUTE]: the manifest's text, or the value of its first such attribute
manifest_of()
{
	virsh_on "$1" metadata "$2" --uri urn:berth:state:1 2> /dev/null |
		if [ -n "${3:-}" ]; then grep -o " $3=[\"'][^\"']*" | head -1 | cut -d= -f2- | tr -d "\"'"; else cat; fi
}
manifest_is_from() { [ "$(manifest_of "$1" "$2" host)" = "$1" ]; }

# settled HOST: no migration to it is under way or left over
settled() { silent on "$1" sh -c "test ! -e /var/lib/berth/journal || find /var/lib/berth/journal -type f"; }
# wait_settled HOST
wait_settled() { wait_until settled "$1"; }

# berth_boot HOST NAME [OPTION=VALUE]...: guest_boot, until the guest has its manifest
berth_boot() { guest_boot "$@" && wait_until manifest_is_from "$1" "$2"; }

# moved FROM NAME TO [VIRSH-OPTION]...: migrates it and waits until berth has settled it there
moved() { migrate "$@" && wait_settled "$3" && wait_until manifest_is_from "$3" "$2"; }

# image_facts HOST PATH: format, virtual size, backing file and its format, mode
image_facts()
{
	on "$1" qemu-img info -U --output=json "$2" |
		perl -MJSON::PP -0e '
			my $i = decode_json(<>);
			print join(" ", $i->{format}, $i->{"virtual-size"}, $i->{"full-backing-filename"} // "-",
				$i->{"backing-filename-format"} // "-"), "\n";'
}
