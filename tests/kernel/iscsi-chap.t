#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CHAP in both directions with the secrets of this host, which no other user ever sees.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/kernel/volumes.sh
. "$root/tests/kernel/volumes.sh"
# shellcheck source=tests/kernel/iscsi.sh
. "$root/tests/kernel/iscsi.sh"

# secrets LINE...: for target 1
secrets()
{
	printf '%s\n' "[$iqn:t1]" "$@" > "$work/secrets/iscsi.conf"
	chmod 600 "$work/secrets/iscsi.conf"
}

# account USER PASSWORD [--outgoing]: what the target wants, or shows
account()
{
	tgtadm --op new --mode account --user "$1" --password "$2" &&
		tgtadm --op bind --mode account --tid 1 --user "$1" "${@:3}"
}

trap 'rm -f /usr/local/sbin/iscsiadm; end_iscsi; tidy; tap_end' EXIT
# Whatever runs iscsiadm runs this; the real one stands behind it.
mkdir -p /usr/local/sbin
cat > /usr/local/sbin/iscsiadm <<-'SH'
	#!/bin/bash
	echo "$*" >> /run/iscsiadm.log
	exec /sbin/iscsiadm "$@"
SH
chmod 755 /usr/local/sbin/iscsiadm

refused="^EACCES iscsi $iqn:t1 lun 1 at $portal: portal '$portal': authentication failed; check the target's user name and password"
start_targets "$portal"
start_initiator
make_target 1 1
account guest sesame-guest-1
record=/etc/iscsi/nodes/$iqn:t1/127.0.0.1,3260
said=()

said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "$refused" "no secret: refused"
secrets "username = guest" "password = sesame-wrong-1"
said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "$refused" "a wrong password: refused"
is "$(what_is_here)" "" "nothing is left of that"
secrets "username = guest" "password = sesame-guest-1"
chmod 640 "$work/secrets/iscsi.conf"
said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "^EPERM .*iscsi.conf': has mode 0640; chmod 600 it" "others can read the secrets: refused"
is "$(what_is_here)" "" "nothing is left of that"
chmod 600 "$work/secrets/iscsi.conf"
ok "the right password" iscsi attach 1 1
is "$(stat -c %a "$record") $(grep -c sesame-guest-1 "$record")" "600 1" "it is in the node record, which only root can read"
is "$(grep -rl sesame "$work/state")" "" "and in no note"
ok "detached" iscsi detach 1 1
is "$(what_is_here)" "" "the record is gone"

account host sesame-host-12 --outgoing
secrets "username = guest" "password = sesame-guest-1" "username_in = host" "password_in = sesame-other-2"
said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "^ENODEV .* and password_in where it must prove itself" "the target doesn't know its own password: refused"
is "$(what_is_here)" "" "nothing is left of that"
secrets "username = guest" "password = sesame-guest-1" "username_in = host" "password_in = sesame-host-12"
ok "the right ones in both directions" iscsi attach 1 1
ok "detached" iscsi detach 1 1
is "$(what_is_here)" "" "nothing is left"

like "$(cat /run/iscsiadm.log)" "$iqn:t1 -p $portal --login" "iscsiadm was run"
is "$(grep -c sesame /run/iscsiadm.log)" 0 "never with a password"
is "$(printf '%s\n' "${said[@]}" | grep -c sesame)" 0 "no error shows one"
done_testing
