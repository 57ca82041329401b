#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever is wrong with an iSCSI volume is told in one line, in time, and leaves nothing behind.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/initiator/volumes.sh
. "$root/tests/initiator/volumes.sh"
# shellcheck source=tests/initiator/iscsi.sh
. "$root/tests/initiator/iscsi.sh"

# refused REGEX NAME TARGET LUN [KEY=VALUE...]
refused()
{
	local said

	said=$(iscsi attach "${@:3}")
	like "$said" "^[A-Z]+ iscsi $iqn:t$3 lun $4 at [^ ]*: $1" "$2: refused"
	is "$(wc -l <<< "$said") $(what_is_here)" "1 $before" "$2: one line, and nothing is left"
}

# silent PORT: accepts connections and says nothing
silent()
{
	# shellcheck disable=SC2016 # perl's
	daemon perl -MIO::Socket::INET -e '
		my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 9, ReuseAddr => 1);
		my @clients;
		push @clients, $server->accept while 1;' "$1"
	wait_until grep -q ":$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
}

before=
start_targets "$portal"
make_target 1 1
silent 3999
configure "iscsi = 127.0.0.0/8 $iqn:*"
refused "iscsid doesn't run; start it" "no iscsid" 1 1
mv /usr/sbin/iscsiadm /usr/sbin/not-iscsiadm
refused "there is no iscsiadm; install open-iscsi" "no iscsiadm" 1 1
mv /usr/sbin/not-iscsiadm /usr/sbin/iscsiadm
start_initiator

refused "portal '$portal' has no such target, or not for this host; check" "an unknown target" 9 1
refused "portal '$portal': the target has no LUN 7 for this host; export it" "an unknown LUN" 1 7
refused "portal '$portal': the target has no LUN 0 for this host" "the target's controller" 1 0
iscsi() { "$tool" "$1" kind=iscsi "iqn=$iqn:t$2" "lun=$3" "${@:4}" 2>&1; }
refused "portal '127.0.0.1:3998' refuses connections; is the target's server running" "a port where nobody listens" 1 1 portal=127.0.0.1:3998
refused "portal '10.0.0.1:3260' is not allowed here; add its address to 'iscsi' in \[volumes\]" "a portal that isn't allowed" 1 1 portal=10.0.0.1:3260
refused "'localhost:3260' is no portal" "a name as portal" 1 1 portal=localhost:3260
configure "iscsi = 0.0.0.0/0 $iqn:*"
refused "portal '240.0.0.1:3260': .*; check address and route" "a portal to which no route leads" 1 1 portal=240.0.0.1:3260
configure "iscsi = 127.0.0.0/8 iqn.2026-11.other:*"
refused "target '$iqn:t1' is not allowed here; add it to 'iscsi' in \[volumes\]" "a target that isn't allowed" 1 1 portal=$portal
configure "iscsi = 127.0.0.0/8 $iqn:*"

began=$SECONDS
VOLUME_TIMEOUT_MS=5000 refused "portal '127.0.0.1:3999' accepts connections, but the login timed out; is" "a portal that says nothing" 1 1 portal=127.0.0.1:3999
ok "in time" test $((SECONDS - began)) -lt 25
echo garbage > "$work/secrets/iscsi.conf"
chmod 600 "$work/secrets/iscsi.conf"
refused ".*iscsi.conf:1: neither" "secrets that cannot be read" 1 1 portal=$portal
rm "$work/secrets/iscsi.conf"

ok "attached" iscsi attach 1 1 portal=$portal name="$(name_of 1 1)"
mapfile -t words < <("$tool" of-device "$(name_of 1 1)")
ok "detached" iscsi detach 1 1 portal=$portal
tgtadm --op delete --mode logicalunit --tid 1 --lun 1
make_lun 1 1 32
tgtadm --op update --mode logicalunit --tid 1 --lun 1 --params scsi_id=other,scsi_sn=other
refused "'/dev/sd.' is another device than the guest's: it has .*serial number 'other' instead of 'beaf11', 33554432 bytes instead" "another disk behind that LUN" 1 1 "${words[@]:3}"

# Somebody else's session still shows the disk that was there before.
admin 1 -o new > /dev/null
admin 1 --login > /dev/null
before="session:t1 lun:1 record:t1"
is "$(what_is_here)" "$before" "somebody has logged in"
tgtadm --op update --mode logicalunit --tid 1 --lun 1 --params scsi_sn=third
refused ".*serial number 'third' instead of 'other'" "another disk behind a LUN that was here" 1 1 portal=$portal serial=other

done_testing
