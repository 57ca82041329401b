# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Disk images in the lab (sourced by lab.sh): the base image, overlays, digests, and the proof that no sector is lost.

LAB_BASE_SIZE=64M
LAB_DISK_SIZE=128M

# make_base FILE: a base image with some data, and the mark that the guest watches in its sector 81920
make_base()
{
	local raw

	raw=$(mktemp "$LAB_DIR/base.XXXXXX")
	truncate -s $LAB_BASE_SIZE "$raw"
	seq 200000 | dd of="$raw" bs=1M seek=48 conv=notrunc status=none
	printf 'berth lab base' | dd of="$raw" bs=512 seek=81920 conv=notrunc status=none
	qemu-img convert -f raw -O qcow2 "$raw" "$1"
	rm "$raw"
}

# image_create HOST PATH [SIZE]: an empty overlay on HOST's base image
image_create()
{
	on "$1" qemu-img create -q -f qcow2 -b "$(base_of "$1")/base.qcow2" -F qcow2 "$2" "${3:-$LAB_DISK_SIZE}"
}

# image_raw HOST PATH RAW: what a guest would see of PATH, into the file RAW of the shared folder.
# The guest must be paused or off: then QEMU has flushed all it knew.
image_raw() { on "$1" qemu-img convert -U -O raw "$2" "$3"; }

# disk_digest HOST PATH: sha256 of what a guest would see
disk_digest()
{
	local raw status=0

	raw=$(mktemp "$LAB_DIR/digest.XXXXXX")
	image_raw "$1" "$2" "$raw" && sha256sum < "$raw" | cut -d' ' -f1 || status=1
	rm "$raw"
	return $status
}

# check_sectors HOST PATH N: every sector 1..N of the disk has its tick; prints the number of lost ones
check_sectors()
{
	local raw status=0

	raw=$(mktemp "$LAB_DIR/sectors.XXXXXX")
	image_raw "$1" "$2" "$raw" || { rm "$raw"; return 1; }
	perl -e '
		my ($n, $lost) = ($ARGV[0], 0);
		for my $i (1 .. $n) {
			seek(STDIN, $i * 512, 0);
			my $got = read(STDIN, my $sector, 512);
			next if defined $got && $sector eq pack("a512", "tick $i\n");
			$lost++;
			print STDERR "sector $i lost\n" if $lost <= 5;
		}
		print "$lost\n";
		exit($n < 1 || $lost > 0);' "$3" < "$raw" || status=1
	rm "$raw"
	return $status
}

# check_end HOST PATH [DISK]: the mark that the guest set in its last sector is there
check_end()
{
	local raw status=0

	raw=$(mktemp "$LAB_DIR/end.XXXXXX")
	image_raw "$1" "$2" "$raw" || status=1
	[ "$(tail -c 512 "$raw" | tr -d '\0')" = "end of ${3:-vda}" ] || status=1
	rm "$raw"
	return $status
}
