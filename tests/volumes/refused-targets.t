#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A volume that the destination cannot reach, or that is another one there, refuses the migration before anything moves: one line
# says what is wrong and what to do, the guest goes on, and the destination is as before, its other volume too.

# shellcheck source=tests/volumes/volumes.sh
. "$(dirname "$0")/volumes.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/../lab/tap.sh"

need_berth
# shellcheck source=tests/volumes/refusals.sh
. "$(dirname "$0")/refusals.sh"
address=${PORTAL%:*}
# wrong FUNCTION...: of targets.sh, with hostb's own
wrong() { TGT_HOST=hostb ok "hostb: $1 ${*:3}" "$@"; }
# secret PASSWORD: hostb's for that target
secret()
{
	on hostb sh -c 'mkdir -p -m 700 /etc/berth/secrets; umask 077; cat > /etc/berth/secrets/iscsi.conf' <<-SECRET
	[$target]
	username = user
	password = $1
	SECRET
}

refusals_begin
ok "hostb has a wrong neighbour" on hostb ip neigh replace "$address" lladdr 02:00:00:00:00:99 dev eth0 nud permanent
refused "nobody answers" "iscsi .*$target.*: portal '$portal': timed out; nobody answers there: check address, route"
on hostb ip neigh del "$address" dev eth0

# hostb sees other targets than hosta.
ok "hostb sees only its own targets" impostor hostb
wrong make_target iqn.2026-11.lab:another 8M
refused "target unknown" "iscsi .*$target.*: portal '$portal' has no such target, or not for this host; check"
wrong make_target $target
refused "LUN absent" "iscsi .*$target.*: portal '$portal': the target has no LUN 1 for this host; export it"
wrong remove_target $target
wrong make_target $target 12M:right
refused "other size" "iscsi .*$target.*: .* is another device than the guest's: it has 12582912 bytes instead of 8388608; export"
wrong replace_lun $target 1 8M wrong
refused "other disk" "iscsi .*$target.*: .* is another device than the guest's: .*serial number 'wrong' instead of 'right'; export"
wrong require_chap $target user a-long-secret
refused "CHAP, no secret" "iscsi .*$target.*: portal '$portal': authentication failed; check the target's user name"
secret some-other-secret
refused "wrong CHAP" "iscsi .*$target.*: portal '$portal': authentication failed; check the target's user name"
is "$(on hostb grep -c some-other-secret /var/log/messages)" 0 "a secret is in no log"
on hostb rm -r /etc/berth/secrets/iscsi.conf
impostor_stop hostb

ok "nobody listens there" on hostb ip addr add "$address/32" dev lo
refused "connection refused" "iscsi .*$target.*: portal '$portal' refuses connections; is the target's server running"
ok "somebody listens, and is silent" silent_portal "${PORTAL#*:}" hostb
refused "silent portal" "iscsi .*$target.*: portal '$portal' accepts connections, but the login timed out"
ok "hostb sees storage again" on hostb sh -ec "kill \$(cat /run/silent-*.pid); rm /run/silent-*.pid; ip addr del $address/32 dev lo"
refusals_end
