#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rules that somebody has flushed or changed: berth verify tells, --repair and a libvirtd that restarts put them right, once.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
need_tiny
ports_reset
guest=vm1

content() { rules hosta | sed 's/ # handle [0-9]*//'; }
nft() { on hosta nft "$@"; }
# fresh_log: what berth has logged since this test began
fresh_log() { berth_log hosta | tail -n "+$((logged + 1))"; }
put_right() { fresh_log | grep -c "$guest: the rules of its ports were not as its policy wants them"; }
# said N TEXT: berth has logged TEXT at least N times
said() { [ "$(fresh_log | grep -c "$2")" -ge "$1" ]; }

# handle_of CHAIN RULE-TEXT
handle_of() { nft -a list chain bridge berth "$1" | sed -n "s/.*$2.* # handle //p"; }

# differs WHAT REGEX: verify names what differs, and repairs it
differs()
{
	local said status

	said=$(on hosta berth verify) && status=0 || status=$?
	is "$status" 1 "$1: berth verify exits with 1"
	like "$said" "$guest: vnet[0-9]+: differ.*$2" "$1: and names it"
	is "$(ports_of hosta $guest rules)" differ "$1: berth status --json tells of it"
	ok "$1: berth verify --repair" on hosta berth verify --repair
	is "$(content)" "$wanted" "$1: everything is as it was"
	ok "$1: berth verify is content" rules_hold hosta
}

# unharmed WHAT: after libvirtd has restarted with something wrong
unharmed()
{
	is "$(guest_state hosta $guest)" running "$1: the guest runs on"
	is "$(rules hosta)" "$before" "$1: the old rules stay byte for byte"
}

logged=$(berth_log hosta | wc -l)
ok "guest boots" tiny_boot hosta $guest ip=$IP1/24 metadata="$(usual_policy)"
port=$(tap_of hosta $guest)
wanted=$(content)

nft flush ruleset
libvirtd_restart hosta
ok "the ruleset is flushed, libvirtd restarts: the rules are back" wait_until rules_hold hosta
is "$(content)" "$wanted" "just as they were"
is "$(put_right)" 1 "the log says so, once"
is "$(passes $IP1 tcp:24 tcp:80)" tcp:24 "they work"
before=$(rules hosta)
libvirtd_restart hosta
ok "libvirtd restarts again" wait_until manifest_is_from hosta $guest
unharmed "nothing was wrong"
is "$(put_right)" 1 "nothing was wrong: the log has nothing new"

set_policy hosta $guest "$(usual_policy "ingress ports='http'")"
libvirtd_restart hosta
ok "a wrong policy: the log tells" wait_until said 1 "$guest: .*'http'"
unharmed "a wrong policy"
like "$(on hosta berth verify)" "$guest: $port: wrong policy.*'http'" "a wrong policy: berth verify tells"
set_policy hosta $guest "$(usual_policy)"
on hosta sh -c 'echo "[firewall" >> /etc/berth/berth.conf'
libvirtd_restart hosta
ok "a broken configuration: the log tells" wait_until said 1 "berth.conf:[0-9]*: "
unharmed "a broken configuration"
ports_conf
ok "the guest goes on" passes $IP1

nft delete rule bridge berth "$port-ingress" handle "$(handle_of "$port-ingress" "ether type arp accept")"
differs "a deleted rule" "$port-ingress"
nft delete element bridge berth "$port-macs" "{ $MAC1 }"
differs "a deleted element" "$port-macs"
nft insert rule bridge berth "$port-ingress" accept
differs "a rule added in front" "$port-ingress"
nft insert rule bridge berth to_port accept
differs "a rule added to what all guests share" "to_port"
nft delete element bridge berth to_guest "{ $port }"
differs "the guest's port is not looked up" "to_guest"
nft flush ruleset
differs "a flushed ruleset" "from_port"
like "$(on hosta berth verify --json | perl -MJSON::PP -0e 'my $l = decode_json(<>); print scalar(@$l), " $l->[0]{guest} $l->[0]{rules}"')" \
	"^1 $guest agree$" "berth verify --json can be parsed"
is "$(passes $IP1 tcp:24 tcp:80)" tcp:24 "the rules work"
done_testing
