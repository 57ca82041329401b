#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host itself, with an address on the guests' bridge, and a guest: answers pass, either way, as what they are.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
[ -e /run/job ] || skip_all "not in the virtual machine; use tests/kernel/run"
work=$(mktemp -d)

tool() { "$root/build/tests/firewall-tool" "$@"; }
in_guest() { ip netns exec guest "$@"; }
# dropped in|out: packets of vnet0
dropped() { tool list | sed -n "s|^vnet0 .* $1 [0-9]*/\([0-9]*\).*|\1|p"; }

# server PROTOCOL PORT: says "ready", then answers one client with "hello"
# shellcheck disable=SC2016 # perl's
server='
	use IO::Socket::INET;
	my ($protocol, $port) = @ARGV;
	$| = 1;
	my $server = IO::Socket::INET->new(Proto => $protocol, LocalPort => $port, $protocol eq "tcp" ? (Listen => 1, ReuseAddr => 1) : ())
		or die "$protocol $port: $!\n";
	print "ready\n";
	if ($protocol eq "tcp") { my $client = $server->accept; print $client "hello\n"; }
	else { $server->recv(my $text, 100); $server->send("hello\n"); }'
# client ADDRESS PROTOCOL PORT SECONDS [SOURCE-PORT]: prints what the server says
# shellcheck disable=SC2016 # perl's
client='
	use IO::Socket::INET;
	my ($address, $protocol, $port, $seconds, $from) = @ARGV;
	$SIG{ALRM} = sub { print "no answer\n"; exit 1 };
	alarm $seconds;
	my $server = IO::Socket::INET->new(Proto => $protocol, PeerAddr => $address, PeerPort => $port, $from ? (LocalPort => $from) : ())
		or die "$protocol $port: $!\n";
	$server->send("hello?\n") if $protocol eq "udp";
	$server->recv(my $text, 100);
	print $text;'

# talk PROTOCOL PORT ADDRESS SERVER-PREFIX CLIENT-PREFIX: what the client hears from a server
talk()
{
	local ready input

	exec {input}< <($4 timeout 60 perl -e "$server" "$1" "$2")
	read -r -t 60 -u "$input" ready
	[ "$ready" = ready ] && $5 perl -e "$client" "$3" "$1" "$2" 30
	exec {input}<&-
}

# blocked IN-OR-OUT CMD...: what CMD sends is dropped there, and counted
blocked()
{
	local before

	before=$(dropped "$1")
	"${@:2}" > /dev/null 2>&1
	[ "$(dropped "$1")" -gt "$before" ]
}

make_network()
{
	ip netns add guest && ip link add br-lan type bridge forward_delay 0 && ip addr add 10.0.0.1/24 dev br-lan &&
		ip link add vnet0 type veth peer name eth0 netns guest address 52:54:00:00:00:10 &&
		ip link set vnet0 master br-lan up && ip link set br-lan up &&
		in_guest ip addr add 10.0.0.10/24 dev eth0 && in_guest ip link set eth0 up
}

cat > "$work/policy.xml" <<'XML'
<policy>
 <port mac='52:54:00:00:00:10'><address>10.0.0.10</address><group>g</group></port>
 <group name='g'>
  <rule direction='ingress' protocol='tcp' ports='80'/>
  <rule direction='egress' protocol='tcp' ports='8080'/>
  <rule direction='egress' protocol='udp' ports='53'/>
 </group>
</policy>
XML
ok "a guest on the host's bridge" make_network
ok "with a program" tool put "$work/policy.xml"
is "$(talk tcp 80 10.0.0.10 in_guest '')" hello "the host is answered by the guest, which may send nothing of the kind by itself"
is "$(talk tcp 8080 10.0.0.1 '' in_guest)" hello "the guest is answered by the host, which may send nothing of the kind by itself"
is "$(talk udp 53 10.0.0.1 '' in_guest)" hello "by UDP too"
ok "the host doesn't reach another port" blocked in perl -e "$client" 10.0.0.10 tcp 81 1
ok "nor does an answer that nobody asked for" blocked in perl -e "$client" 10.0.0.10 udp 40000 1 53
ok "the guest doesn't reach another port" blocked out in_guest perl -e "$client" 10.0.0.1 tcp 8081 1
ok "nor ping the host" blocked out in_guest busybox ping -c 1 -W 1 10.0.0.1
ip netns del guest
ip link del br-lan
tool remove > /dev/null
rm -rf "$work"
done_testing
