#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Control group: plain live migrations back and forth, images and XML made by hand, without berth, lose nothing.
# Long: it repeats a migration 40 times.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

hops=${CONTROL_HOPS:-40}
guest=control

# xml_for FROM TO: what an administrator would have to edit
xml_for()
{
	virsh_on "$1" dumpxml --migratable $guest |
		sed "s,$(images_of "$1")/,$(images_of "$2")/,; s,bridge='$(bridge_of "$1")',bridge='$(bridge_of "$2")',"
}

# hop FROM TO
hop()
{
	on "$2" rm -f "$(images_of "$2")/$guest.qcow2" &&
		image_create "$2" "$(images_of "$2")/$guest.qcow2" &&
		xml_for "$1" "$2" > "$LAB_DIR/$guest.xml" &&
		migrate "$1" $guest "$2" --xml "$LAB_DIR/$guest.xml" &&
		downtimes+=("$(downtime_ms "$2" $guest)")
}

there_and_back()
{
	local here=hosta there=hostb swap

	while [ $done -lt "$hops" ]; do
		hop $here $there || return
		done=$((done + 1))
		swap=$here here=$there there=$swap
	done
	wait_more_ticks $guest 5
	running=$here
}

done=0
downtimes=()
running=hosta
plan 5
ok "guest boots" guest_boot hosta $guest
there_and_back
is $done "$hops" "migrations that arrived"
guest_destroy $running $guest
lost_ticks=$(check_ticks "$(console_of $guest)" 2> "$LAB_DIR/ticks.err") || :
is "$lost_ticks$(cat "$LAB_DIR/ticks.err")" 0 "ticks lost"
lost_sectors=$(check_sectors $running "$(images_of $running)/$guest.qcow2" "$(last_tick $guest)") || :
is "$lost_sectors" 0 "sectors lost"
ok "the disk's end has its mark" check_end $running "$(images_of $running)/$guest.qcow2"
median=$(printf '%s\n' "${downtimes[@]}" | sort -n | sed -n "$(((${#downtimes[@]} + 1) / 2))p")
diag "control group: $done of $hops migrations, $lost_ticks ticks lost, $lost_sectors sectors lost of $(last_tick $guest), median downtime $median ms"
