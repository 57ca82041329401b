#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CHAP in both directions with the secrets of this host, which no other user ever sees.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

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
record=$iscsi_notes/nodes/$iqn:t1/127.0.0.1,3260
said=()

said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "$refused" "no secret: refused"
secrets "username = guest" "password = sesame-wrong-1"
said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "$refused" "a wrong password: refused"
prints "nothing is left of that" "" what_is_here
secrets "username = guest" "password = sesame-guest-1"
chmod 640 "$work/secrets/iscsi.conf"
said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "^EPERM .*iscsi.conf': has mode 0640; chmod 600 it" "others can read the secrets: refused"
prints "nothing is left of that" "" what_is_here
chmod 600 "$work/secrets/iscsi.conf"
ok "the right password" iscsi attach 1 1
is "$(stat -c %a "$record") $(grep -c sesame-guest-1 "$record")" "600 1" "it is in the node record, which only root can read"
ok "there are notes" test -e "$work/state/iscsi"
prints "and in no note" "" matching sesame grep -r '' "$work/state"
ok "detached" iscsi detach 1 1
prints "the record is gone" "" what_is_here

account host sesame-host-12 --outgoing
secrets "username = guest" "password = sesame-guest-1" "username_in = host" "password_in = sesame-other-2"
said+=("$(iscsi attach 1 1)")
like "${said[-1]}" "^ENODEV .* and password_in where it must prove itself" "the target doesn't know its own password: refused"
prints "nothing is left of that" "" what_is_here
secrets "username = guest" "password = sesame-guest-1" "username_in = host" "password_in = sesame-host-12"
ok "the right ones in both directions" iscsi attach 1 1
ok "detached" iscsi detach 1 1
prints "nothing is left" "" what_is_here

like "$(cat /run/iscsiadm.log)" "$iqn:t1 -p $portal --login" "iscsiadm was run"
is "$(grep -c sesame /run/iscsiadm.log)" 0 "never with a password"
prints "no error shows one" "" matching sesame printf '%s\n' "${said[@]}"
done_testing
