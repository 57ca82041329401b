# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Tiny guests in QEMU alone (sourced by *.t, in a mount namespace of their own, after tap.sh): their files are in $work.

# shellcheck disable=SC2154 # root: the repository, set by the test
# Memory of this size: see ../lab/qemu-odd-memory.
tiny=$root/build/tiny-guest/tiny.elf
[ -e "$tiny" ] || make -s -C "$root/tests/tiny-guest" || skip_all "the tiny guest doesn't build"
work=/mnt
mount -t tmpfs work "$work" || skip_all "no namespaces of our own"

options=()

# disk FILE FORMAT [MORE]: the QEMU options of one more disk, in $options
disk()
{
	options+=(-drive "file=$work/$1,format=$2,if=none,id=$1${3:-}" -device "virtio-blk-pci,drive=$1,serial=$1")
}

# tiny NAME LINE [QEMU'S OPTIONS]: in the background; its console is $work/NAME, its monitor's input $work/NAME.monitor.in
tiny()
{
	mkfifo "$work/$1.monitor".{in,out} || return
	qemu-system-x86_64 -machine pc,accel=tcg -m 16376k -nodefaults -no-user-config -display none -kernel "$tiny" -append "$2" \
		-serial "file:$work/$1" -chardev "pipe,id=monitor,path=$work/$1.monitor" -monitor chardev:monitor \
		"${@:3}" > "$work/$1.qemu" 2>&1 &
	echo $! > "$work/$1.pid"
}

# killed NAME: as by a power failure of its host, but that what it wrote is kept
killed()
{
	local pid

	read -r pid < "$work/$1.pid" && kill -KILL "$pid" || return
	while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
}

# says NAME REGEX: its console has such a line, within a minute
says()
{
	local i

	for ((i = 0; i < 600; i++)); do
		! grep -qsE "^$2"$'\r?$' "$work/$1" || return 0
		sleep 0.1
	done
	tail -n 20 "$work/$1" "$work/$1.qemu"
	return 1
}

# last NAME WHAT: the highest number that its lines "WHAT N" end with
last() { sed -n "s/^$2 \([0-9]*\)\$/\1/p" "$work/$1" | tail -n 1; }

# reaches NAME WHAT NUMBER: its lines "WHAT N" come to that number, within a minute
reaches()
{
	local i got

	for ((i = 0; i < 600; i++)); do
		got=$(last "$1" "$2")
		[ "${got:-0}" -lt "$3" ] || return 0
		sleep 0.1
	done
	tail -n 20 "$work/$1" "$work/$1.qemu"
	return 1
}

# paused NAME: its processors and disks stand still; "cont" to its monitor ends that
paused()
{
	printf 'stop\ninfo status\n' > "$work/$1.monitor.in"
	timeout 60 grep -qm 1 "VM status: paused" < "$work/$1.monitor.out"
}

# listens NAME: it waits for a migration at $work/migration, within a minute
listens()
{
	local i

	for ((i = 0; i < 600; i++)); do
		[ ! -S "$work/migration" ] || return 0
		sleep 0.1
	done
	cat "$work/$1.qemu"
	return 1
}
