#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image that the guest only reads is swapped for another of equal size and age between its comparison, when the migration
# begins, and QEMU's start: the guest isn't let run on it, and goes on at its source.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
base=$(base_of hostb)/base.qcow2
disc=/srv/vm/disc.iso

# swap FILE: another file with other content, of equal size and as old
swap()
{
	on hostb sh -c "cp -p $1 $1.kept && cp $1 $1.new && printf X | dd of=$1.new bs=1 seek=70000 conv=notrunc status=none &&
		touch -r $1.kept $1.new && mv $1.new $1"
}
put_back() { on hostb mv "$1.kept" "$1"; }
# refused FILE: it is swapped while libvirt is about to start QEMU
refused()
{
	hold hostb event prepare
	migrate hosta $guest hostb > "$LAB_DIR/tmp/said" 2>&1 &
	local migration=$!
	ok "$1: compared, and QEMU not started" is_held
	ok "$1: swapped" swap "$1"
	let_go hostb event
	wait "$migration"
	is $? 1 "$1: refused"
	like "$(cat "$LAB_DIR/tmp/said")" "'$1' was replaced by another file since berth compared it" "$1: with the reason"
	ok "$1: the guest goes on" wait_more_ticks $guest 5
	ok "$1: hostb is cleared" wait_settled hostb
	put_back "$1"
}

ok "the gate is on everywhere" gate_on
head -c 200000 /dev/urandom > "$LAB_DIR/tmp/disc"
on hosta cp "$LAB_DIR/tmp/disc" /var/lib/libvirt/images/disc.iso
on hostb cp "$LAB_DIR/tmp/disc" $disc
on hostb touch -d '2 hours ago' "$base" $disc
cdrom="<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/var/lib/libvirt/images/disc.iso'/>
	<target dev='sda' bus='sata'/><readonly/></disk>"
ok "guest boots on hosta" berth_boot hosta $guest devices="$cdrom"
refused "$base"
refused $disc
ok "with the right files it moves" moved hosta $guest hostb
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
guest_destroy hostb $guest
on hosta rm /var/lib/libvirt/images/disc.iso
on hostb rm $disc
ok "the gate is off again" gate_off
done_testing
