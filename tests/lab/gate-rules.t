#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the source's kernel enforces when a migration begins is what the destination's does when the guest runs there: rules
# that were deleted or changed meanwhile are put right, and without them the guest doesn't come.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
ports_reset
guest=vm1
real=/usr/libexec/berth/berth-gate.real

# What was made anew stands in another order in the listing; the order of rules is the kernel's to tell, by berth verify.
content() { rules "$1" | sed 's/vnet[0-9]*/PORT/g; s/ # handle [0-9]*//' | LC_ALL=C sort; }
rules_differ() { ! rules_hold hosta $guest; }
put_right() { berth_log "$1" | grep -c "$guest: the rules of its ports were not those of host"; }
# tamper HOST COMMANDS: in the moment when libvirtd asks whether the guest may run; $port is its tap
tamper()
{
	gate_stub "$1" "if [ \"\$1\" = verify ]; then
		port=\$(ip -br link | sed -n 's/^\(vnet[0-9]*\).*/\1/p' | tail -n 1)
		{ $2; } > /tmp/tampered 2>&1 || echo failed >> /tmp/tampered
	fi
	exec $real \"\$@\""
}
# put_right_on FROM TO WHAT COMMANDS: it moves, and has its rules there
put_right_on()
{
	local before

	before=$(put_right "$2")
	tamper "$2" "$4"
	ok "$3: it moves" moved "$1" $guest "$2"
	is "$(on "$2" cat /tmp/tampered)" "" "$3: that was done"
	is "$(content "$2")" "$wanted" "$3: it has the source's rules"
	ok "$3: berth verify agrees" rules_hold "$2" $guest
	is "$(put_right "$2")" $((before + 1)) "$3: the log tells"
	is "$(passes $IP1 tcp:24 tcp:80)" tcp:24 "$3: they work"
}

ok "the gate is on everywhere" gate_on
ok "guest boots on hosta" berth_boot hosta $guest ip=$IP1/24 metadata="$(usual_policy)"
wanted=$(content hosta)
put_right_on hosta hostb "all rules deleted" "nft delete table bridge berth"
put_right_on hostb hosta "a rule added in front" "nft insert rule bridge berth \$port-ingress accept"
put_right_on hosta hostb "its port not looked up" "nft delete element bridge berth to_guest { \$port }"

gate_unstub hosta
gate_unstub hostb
set_policy hostb $guest "$(usual_policy "ingress protocol='tcp' ports='80'")"
ok "another policy at the source is put in force" on hostb berth sync --quiet $guest
wanted=$(content hostb)
like "$wanted" 80 "as its kernel shows"
set_policy hostb $guest "$(usual_policy)"
ok "its policy is the old one again, its rules are not" moved hostb $guest hosta
is "$(content hosta)" "$wanted" "it has the rules that the source enforced"
ok "which berth verify tells: they are not the policy's" rules_differ

guest_destroy hosta $guest
is "$(check_ticks "$(console_of $guest)")" 0 "ticks lost"
gate_off
done_testing
