# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Ports of guests in the lab (sourced by lab.sh): policies, packets from the switch `lan`, and the hosts' rules.
#
# This machine's kernel has no connection tracking of bridged packets, so berth runs with `stateless = approximate`.
# A guest of guest_xml's with ip= does what it is told on TCP port 23; 10.99.0.254 is the tests' own address on `lan`.

MAC1=52:54:00:00:00:01
IP1=10.99.0.10
# shellcheck disable=SC2034 # tests use it
MAC2=52:54:00:00:00:02
# shellcheck disable=SC2034
IP2=10.99.0.11

# ports_conf [LINES]: every host's configuration, LINES in its section [firewall]
ports_conf()
{
	local host

	for host in $LAB_HOSTS; do
		berth_conf "$host" "[firewall]
stateless = approximate
${1:-}"
	done
}

# ports_reset [LINES]: as berth_reset; no host has rules, and `lan` has its address
ports_reset()
{
	local host

	for host in $LAB_HOSTS; do on "$host" nft flush ruleset || skip_all "no nft in the hosts"; done
	berth_reset
	ports_conf "${1:-}"
	ip addr replace 10.99.0.254/24 dev lan
	ip neigh flush dev lan # an earlier test's guest may have had another MAC address
}

# need_tiny: for the head of a test with tests/tiny-guest, which boots at once
need_tiny()
{
	local tiny=$LAB_SRC/../../build/tiny-guest/tiny.elf

	[ -e "$tiny" ] || make -s -C "$LAB_SRC/../tiny-guest" || skip_all "the tiny guest doesn't build"
	cp "$tiny" "$LAB_DIR/"
}

# tiny_define HOST NAME LINE [OPTION=VALUE]...: LINE is the tiny guest's command line, options are guest_xml's
tiny_define()
{
	local image

	image=$(images_of "$1")/$2.qcow2
	on "$1" test -e "$image" || image_create "$1" "$image" || return
	guest_xml "$1" "$2" memory=16 "${@:4}" |
		sed "s/machine='[^']*'/machine='${LAB_PC:-pc}'/; s,<kernel>.*</initrd>,<kernel>$LAB_DIR/tiny.elf</kernel>,; s,<cmdline>.*</cmdline>,<cmdline>$3</cmdline>," |
		virsh_on "$1" define /dev/stdin > /dev/null
}

# tiny_said NAME REGEX: such a line is on its console
tiny_said() { grep -qsE "^$2"$'\r?$' "$(console_of "$1")"; }
tiny_start() { guest_start "$1" "$2" && wait_until tiny_said "$2" 'tiny ready .*' && wait_until manifest_is_from "$1" "$2"; }
# tiny_boot HOST NAME LINE [OPTION=VALUE]...: as tiny_define, until it is ready and has its manifest
tiny_boot() { tiny_define "$@" && tiny_start "$1" "$2"; }

# policy XML...: of its ports and groups
policy() { echo "<berth:policy xmlns:berth='urn:berth:policy:1'>$*</berth:policy>"; }

# port "ATTRIBUTES" [ADDRESS] [GROUP]...
port()
{
	local group

	echo "<berth:port $1>${2:+<berth:address>$2</berth:address>}"
	for group in "${@:3}"; do echo "<berth:group>$group</berth:group>"; done
	echo "</berth:port>"
}

# group NAME [RULE]...: RULE is a direction and attributes
group()
{
	local rule

	echo "<berth:group name='$1'>"
	for rule in "${@:2}"; do
		case $rule in
		*' '*) echo "<berth:rule direction='${rule%% *}' ${rule#* }/>" ;;
		*) echo "<berth:rule direction='$rule'/>" ;;
		esac
	done
	echo "</berth:group>"
}

# usual_policy [RULE]...: vm1 may be pinged, may be reached at TCP ports 23 and 24, may send anything, and RULEs
usual_policy()
{
	policy "$(port "mac='$MAC1'" $IP1 web)" \
		"$(group web "ingress protocol='icmp' type='8'" "ingress protocol='tcp' ports='23-24'" egress "$@")"
}

# set_policy HOST NAME XML [VIRSH-OPTION]...: of the running guest; without XML: it has none any more
set_policy()
{
	if [ -n "$3" ]; then
		virsh_on "$1" metadata "$2" --uri urn:berth:policy:1 --key berth --live "${@:4}" \
			--set "$(sed "s/berth://g; s/ xmlns:berth='[^']*'//" <<< "$3")"
	else
		virsh_on "$1" metadata "$2" --uri urn:berth:policy:1 --live "${@:4}" --remove
	fi > /dev/null
}

# passes ADDRESS [PACKET]...: which of these it answers; see probe
passes() { "$LAB_SRC/probe" "$@"; }

# in_guest ADDRESS CMD: runs CMD in the guest with that address; prints what it prints
in_guest()
{
	local deadline=$((SECONDS + 10)) status

	while true; do
		printf '%s\n' "$2" | timeout 20 busybox nc "$1" 23 2> /dev/null && return || status=$?
		# 1: refused, for the last caller is there still
		if [ $status != 1 ] || [ $SECONDS -ge $deadline ]; then
			echo "in_guest: $1: nc exited $status" >&2
			return $status
		fi
		sleep 0.1
	done
}

# tap_of HOST NAME: the host's name of the guest's first interface
tap_of() { virsh_on "$1" domiflist "$2" | awk '$1 ~ /[0-9]/ { print $1; exit }'; }

# rules HOST: our table, without counters, with handles; nothing: it has none. nft of Debian 12 and 13 show the same rules
# in other words, so it is one nft that shows those of all hosts.
rules() { in_network "$1" nft -s -a list table bridge berth 2> /dev/null; }
has_rules() { [ -n "$(rules "$1")" ]; }
no_rules() { ! has_rules "$1"; }

# rules_hold HOST [GUEST]: berth itself says so
rules_hold() { on "$1" berth verify --quiet "${@:2}"; }

# ports_of HOST NAME FIELD: from berth status --json, of the guest's first port: "rules", "dropped.ingress"
ports_of()
{
	on "$1" berth status --json |
		perl -MJSON::PP -0e '
			my ($guest, @path) = ($ARGV[0], split /\./, $ARGV[1]);
			my ($port) = grep { $_->{guest} eq $guest } @{decode_json(<STDIN>)->{ports}};
			$port = ref $port eq "HASH" ? $port->{$_} : undef for @path;
			print $port // "-", "\n";' "$2" "$3"
}

# berth_log HOST: what berth has said there
berth_log() { on "$1" grep ' berth\[' /var/log/messages; }

# says WHAT NAME REGEX: berth has said one line of the guest in $said, and it matches
says()
{
	local line

	line=$(grep -o "berth: .*" <<< "$said")
	like "${line:-$said}" "^berth: ($2: )?$3" "$1: refused"
	is "$(grep -c . <<< "$line")" 1 "$1: in one line"
}

# start_refused WHAT REGEX METADATA [OPTION=VALUE]...: vm2 doesn't start on hosta
start_refused()
{
	local before

	virsh_on hosta undefine vm2 > /dev/null 2>&1
	guest_define hosta vm2 mac=$MAC1 metadata="$3" "${@:4}"
	before=$(host_snapshot hosta)
	said=$(virsh_on hosta start vm2 2>&1) && said="it started"
	says "start, $1" vm2 "$2"
	is "$(host_snapshot hosta)" "$before" "start, $1: nothing is left"
}
