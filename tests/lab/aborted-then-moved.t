#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose direct migration was aborted and that then moves with --p2p leaves its source without a word of libvirt's about it:
# what it leaves is known to be stale all the same, and it can come back. ABORTED_MOVES: how many such moves.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
guest=vm1
moves=${ABORTED_MOVES:-4}
# Later, libvirt 9.0 may keep the job of an aborted migration for ever.
delays=(0.5 1.7)
options=("" "--persistent --undefinesource")

# abort FROM TO SECONDS [OPTION]...: a direct migration that is aborted after SECONDS; passes when it has not arrived
abort()
{
	local from=$1 to=$2 seconds=$3 client

	migrate "$from" $guest "$to" "${@:4}" > "$LAB_DIR/aborted" 2>&1 &
	client=$!
	sleep "$seconds"
	virsh_on "$from" domjobabort $guest > /dev/null 2>&1
	! wait $client && wait_settled "$to"
}

# where: the host that it runs on
where() { [ "$(guest_state hosta $guest)" = running ] && echo hosta || echo hostb; }
other_than() { [ "$1" = hosta ] && echo hostb || echo hosta; }
known_as_departed() { on "$1" sh -c 'berth status | grep -q " departed "'; }
# noted_late HOST: how often libvirt's last event had not said that the guest had left, and libvirt did afterwards
noted_late() { on "$1" awk '/has left, says libvirt/ { n++ } END { print n + 0 }' /var/log/messages; }
# job_is_gone FROM TO: libvirt 9.0 has kept the job of the migration that was aborted, as it does now and then on a busy machine, and
# has refused another one; now both daemons have been started again
job_is_gone()
{
	grep -q 'another migration job is already running' "$LAB_DIR/move-error" && libvirtd_restart "$1" && libvirtd_restart "$2" &&
		wait_settled "$2"
}
# leaves FROM TO N: aborted, then moved; what it leaves behind is noted as stale, where libvirt still knows the guest
leaves()
{
	local use=()

	read -ra use <<< "${options[$3 / 4 % ${#options[@]}]}"
	abort "$1" "$2" "${delays[$3 / 2 % ${#delays[@]}]}" "${use[@]}" || diag "it was not aborted"
	[ "$(where)" = "$1" ] || { diag "it has arrived before it was aborted"; return; }
	moved "$1" $guest "$2" --p2p "${use[@]}" 2> "$LAB_DIR/move-error" ||
		{ cat "$LAB_DIR/move-error" && job_is_gone "$1" "$2" && moved "$1" $guest "$2" --p2p "${use[@]}"; } || return
	! virsh_on "$1" dominfo $guest > /dev/null 2>&1 || wait_until known_as_departed "$1"
}

ok "guest boots" berth_boot hosta $guest
for ((n = 0; n < moves; n++)); do
	from=$(where)
	ok "move $n, from $from" leaves "$from" "$(other_than "$from")" $n
done
late=$(($(noted_late hosta) + $(noted_late hostb)))
ok "libvirt's last event did not always say that the guest had left ($late times, of those that can be counted)" test $late -gt 0
from=$(where)
guest_destroy "$from" $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
prints "sectors lost" 0 check_sectors "$from" "$(images_of "$from")/$guest.qcow2" "$(last_tick $guest)"
done_testing
