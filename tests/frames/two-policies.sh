# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two policies of one port that differ in each kind of set, and what both have (sourced by *.t).

# rule WORD...: attributes
rule() { printf '<rule %s/>\n' "$*"; }

# policy ADDRESS PORT UDP-PORT NETWORK
policy()
{
	local i

	cat <<-XML
	<policy>
	<port mac='52:54:00:00:00:10'><address>10.0.0.10</address><address>$1</address><group>g</group></port>
	<group name='g'>
	XML
	rule "direction='ingress' protocol='tcp' ports='80'"
	rule "direction='ingress' protocol='tcp' ports='$2'"
	rule "direction='egress' protocol='tcp' ports='443'"
	rule "direction='egress' protocol='udp' ports='53'"
	rule "direction='egress' protocol='udp' ports='$3'"
	rule "direction='ingress' protocol='tcp' ports='8000-8100' remote='10.0.0.0/24'"
	# so many that some of their buckets change and some don't
	for ((i = 0; i < 300; i++)); do
		rule "direction='ingress' protocol='udp' ports='$((i / 250 + 7))' remote='10.$4.$((i % 250)).0/24'"
	done
	for ((i = 0; i < 100; i++)); do
		rule "direction='ingress' protocol='tcp' ports='$((9000 + i))' remote='10.0.$i.0/24'"
	done
	echo "</group></policy>"
}

# two_policies FILE-A FILE-B
two_policies() { policy 10.0.0.41 81 56 20 > "$1" && policy 10.0.0.42 82 55 21 > "$2"; }
