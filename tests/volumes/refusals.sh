# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest at hosta with a volume by iSCSI and one by AoE, which hostb can't have (sourced by refused-*.t, after volumes.sh and tap.sh).

# shellcheck disable=SC2034 # for tests
guest=vm1
target=iqn.2026-11.lab:wanted
# As a regular expression
portal=${PORTAL//./\\.}
ALLOWED="iscsi = 10.88.0.0/24 iqn.2026-11.lab:*
aoe = eth0"

# configure LINES: what hostb's [volumes] allow; 12 s are enough for one login, and not long to wait for none
configure()
{
	berth_conf hostb "[limits]
disk_reserve_mib = 16
[volumes]
timeout = 12
$1"
}

refusals_begin()
{
	berth_reset
	ok "a target" make_target $target 8M:right
	ok "and AoE" export_aoe 1 1 8M
	# shellcheck disable=SC2119 # no more lines
	allow_volumes
	configure "$ALLOWED"
	ok "the gate is on" gate_on
	remember_state hostb
	ok "the guest boots" disk_guest hosta $guest disks=check \
		devices="$(volume_xml vdb "$(by_path $target 1)")$(volume_xml vdc /dev/etherd/e1.1)"
	ok "it has its manifest" wait_until manifest_is_from hosta $guest
}

# refused WHAT REGEX: by one line of berth's that matches; the guest goes on, and hostb has what it had, of the other volume too
refused()
{
	local said status=0

	said=$(migrate hosta $guest hostb --migrate-disks vda 2>&1) || status=$?
	is "$status" 1 "$1: refused"
	like "$said" "berth: $guest: disk 'vd[bc]': $2" "$1: with what is wrong and what to do"
	is "$(wc -l <<< "$said")" 1 "$1: in one line"
	note "$said"
	ok "$1: the guest goes on" wait_durable $guest 1 2
	ok "$1: hostb is settled" wait_settled hostb
	ok "$1: nothing waits there" wait_until released hostb
	prints "$1: and it has what it had" "" same_as_before hostb
}

# refusals_end: it was only that
refusals_end()
{
	ok "with nothing wrong it moves" moved hosta $guest hostb --migrate-disks vda
	ok "and works there" wait_durable $guest 1 2
	guest_destroy hostb $guest
	prints "the guest complains about nothing" "" broken $guest
	ok "the volume holds all that was durable" check_lun $target 1 $guest 1
	# shellcheck disable=SC2119 # in all hosts
	gate_off
	done_testing
}
