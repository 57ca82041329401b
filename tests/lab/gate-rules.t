#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the destination's kernel enforces when the guest runs there is what its policy wants: rules that were deleted or added
# there meanwhile are put right, and what somebody did to the source's rules stays there.

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
put_right() { berth_log "$1" | grep -c "$guest: the rules of its ports were not as its policy wants them"; }
told() { berth_log "$1" | grep -c "$guest: interface '$MAC1': host '.*' enforced $2 when it left"; }
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
	prints "$3: that was done" "" on "$2" cat /tmp/tampered
	is "$(content "$2")" "$wanted" "$3: it has its policy's rules"
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
port=$(tap_of hostb $guest)
on hostb nft insert rule bridge berth "$port-ingress" accept
on hostb nft insert rule bridge berth "$port-egress" accept
is "$(passes $IP1 tcp:24 tcp:81)" "tcp:24 tcp:81" "rules at the source that let everything through work there"
ok "it moves" moved hostb $guest hosta
is "$(content hosta)" "$wanted" "and they stay behind: it has its policy's rules"
is "$(passes $IP1 tcp:24 tcp:81)" tcp:24 "which work"
is "$(told hosta "other rules")" 1 "the log tells that the source enforced others"

set_policy hosta $guest "$(usual_policy "ingress protocol='tcp' ports='80'")"
ok "a policy that nobody has put in force moves with it" moved hosta $guest hostb
like "$(content hostb)" "80 . tcp" "and is in force where it arrives"
ok "as berth verify agrees" rules_hold hostb $guest

guest_destroy hostb $guest
prints "ticks lost" 0 check_ticks "$(console_of $guest)"
gate_off
done_testing
