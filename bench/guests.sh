# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The benchmark's guests (sourced by run): "managed" has berth, "plain" never met it; their XML, their migrations.

hook_folder=/etc/libvirt/hooks/qemu.d
hook_away=/var/tmp/berth-hook-link
took_with=()
took_without=()
downtimes_with=()
downtimes_without=()

# libvirtd looks for its hooks' folder at its start, but runs what is in it at the moment.
berth_away() { local host; for host in $LAB_HOSTS; do on "$host" mv $hook_folder/berth $hook_away || return; done; }
berth_back() { local host; for host in $LAB_HOSTS; do on "$host" mv $hook_away $hook_folder/berth || return; done; }

# as_sent_by HOST NAME < XML: what libvirt makes of it, which is what its hooks get
as_sent_by()
{
	virsh_on "$1" define /dev/stdin > /dev/null &&
		virsh_on "$1" dumpxml --migratable "$2" &&
		virsh_on "$1" undefine "$2" > /dev/null
}

# unmanaged_xml: an ordinary guest that the configuration of hostb does not concern
unmanaged_xml()
{
	local devices="
		<controller type='scsi' model='virtio-scsi'/><watchdog model='i6300esb'/><input type='tablet' bus='virtio'/>
		<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
		<graphics type='vnc' listen='127.0.0.1'/>
		<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"

	guest_xml hostb plain disk=vdb:/srv/vm/plain-b.qcow2 devices="$devices$(nic_xml br-lan 52:54:00:00:00:02)" |
		as_sent_by hostb plain
}

# many_names: targets of 150 disks, which make an XML of about 100 KiB; the first one is the guest's own
many_names() { printf '%s\n' vda sd{a..z} sd{a..e}{a..z} | head -n 150; }

# many_manifest: "managed"'s manifest with its disk 150 times
many_manifest()
{
	many_names | perl -e '
		local $/;
		open my $file, "<", $ARGV[0] or die;
		<$file> =~ m{<metadata>\s*(.*?)(<\S*:disk .*?</\S*:disk>\s*)(.*)</metadata>}s or die "no manifest";
		my ($head, $disk, $tail) = ($1, $2, $3);
		print $head;
		for my $target (split " ", <STDIN>) {
			print $disk =~ s/vda/$target/r =~ s/managed(?=\.qcow2)/$target eq "vda" ? "many" : "many-$target"/er;
		}
		print $tail;' "$LAB_DIR/managed.xml"
}

# many_disks_xml: a guest on hosta with 150 disks, each with its own overlay
many_disks_xml()
{
	local target disks=()

	for target in $(many_names | tail -n +2); do disks+=("disk=$target:$(images_of hosta)/many-$target.qcow2"); done
	guest_xml hosta many "${disks[@]}" metadata="$(many_manifest)" |
		sed "s/dev='\(sd[a-z]*\)' bus='virtio'/dev='\1' bus='scsi'/" | as_sent_by hosta many
}

# boot_both: on hosta, "plain" while there is no berth; both end up paused, and the one that migrates runs
boot_both()
{
	berth_away && guest_boot hosta plain && virsh_on hosta suspend plain && berth_back &&
		berth_boot hosta managed && virsh_on hosta suspend managed
} > /dev/null

# By default QEMU may stop the guest for 300 ms, and uses anything between 15 and 250 ms of them by chance. That would
# hide what berth adds; so it may use less, in both cases.
downtime_limit_ms=10

# migrate_timed NAME FROM TO [VIRSH-OPTION]...: sets took_us and downtime_ms
migrate_timed()
{
	local began

	virsh_on "$2" resume "$1" > /dev/null && wait_more_ticks "$1" 3 &&
		virsh_on "$2" migrate-setmaxdowntime "$1" $downtime_limit_ms || return
	began=${EPOCHREALTIME/./}
	migrate "$2" "$1" "$3" "${@:4}" || return
	took_us=$((${EPOCHREALTIME/./} - began))
	downtime_ms=$(downtime_ms "$3" "$1")
}

hop_with()
{
	local took_us downtime_ms

	migrate_timed managed "$1" "$2" && wait_settled "$2" && wait_until manifest_is_from "$2" managed &&
		virsh_on "$2" suspend managed > /dev/null || return
	took_with+=("$took_us")
	downtimes_with+=("$downtime_ms")
}

# hop_without FROM TO: image and XML are made by hand before the time begins
hop_without()
{
	local took_us downtime_ms image

	image=$(images_of "$2")/plain.qcow2
	berth_away && on "$2" rm -f "$image" && image_create "$2" "$image" || return
	virsh_on "$1" dumpxml --migratable plain |
		sed "s,$(images_of "$1")/,$(images_of "$2")/,; s,bridge='$(bridge_of "$1")',bridge='$(bridge_of "$2")'," \
			> "$LAB_DIR/plain.xml"
	migrate_timed plain "$1" "$2" --xml "$LAB_DIR/plain.xml" && virsh_on "$2" suspend plain > /dev/null || return
	took_without+=("$took_us")
	downtimes_without+=("$downtime_ms")
	berth_back
}

# migrate_pairs N: there and back, with and without berth in turns; with N a multiple of 4 each is first equally often
migrate_pairs()
{
	local from=hosta to=hostb swap hop turn round

	for ((round = 0; round < $1; round++)); do
		turn="hop_with hop_without"
		! ((round / 2 % 2)) || turn="hop_without hop_with"
		for hop in $turn; do
			$hop $from $to || { echo "bench/run: $hop from $from to $to failed, after $round rounds" >&2; return 1; }
		done
		swap=$from from=$to to=$swap
	done
	! has_manifest $from plain > /dev/null 2>&1 || { echo "bench/run: berth came upon the guest without it" >&2; return 1; }
}
