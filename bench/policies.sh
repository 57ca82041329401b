# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the firewall's measurements filter with (sourced by firewall.sh): the same rules as a policy of berth's, as a
# filter of libvirt's, and the table of a host whose chains ask for one interface after another.

guest_mac=52:54:00:00:00:01

# policy_xml RULES [CHANGED]: a port with so many: UDP port 9, which blast.c sends to, and TCP ports from networks that
# all differ. With CHANGED the middle one is of another port.
policy_xml()
{
	awk -v n="$1" -v changed="${2:+1}" -v mac=$guest_mac 'BEGIN {
		print "<berth:policy xmlns:berth=\"urn:berth:policy:1\"><berth:port mac=\"" mac "\">"
		print "<berth:address>192.0.2.2</berth:address><berth:group>web</berth:group></berth:port>"
		print "<berth:group name=\"web\"><berth:rule direction=\"ingress\" protocol=\"udp\" ports=\"9\"/>"
		for (i = 1; i < n; i++)
			printf "<berth:rule direction=\"ingress\" protocol=\"tcp\" ports=\"%d\" remote=\"10.%d.%d.0/24\"/>\n",
				(changed && i == int(n / 2)) ? 999 : 1000 + i, i / 250, i % 250
		print "</berth:group></berth:policy>"
	}'
}

# filter_xml NAME RULES: the same for libvirt
filter_xml()
{
	awk -v name="$1" -v n="$2" 'BEGIN {
		print "<filter name=\"" name "\" chain=\"root\">"
		print "<rule action=\"accept\" direction=\"in\"><udp dstportstart=\"9\"/></rule>"
		for (i = 1; i < n; i++)
			printf "<rule action=\"accept\" direction=\"in\"><tcp srcipaddr=\"10.%d.%d.0\" srcipmask=\"24\"" \
				" dstportstart=\"%d\"/></rule>\n", i / 250, i % 250, 1000 + i
		print "<rule action=\"drop\" direction=\"in\"><all/></rule></filter>"
	}'
}
