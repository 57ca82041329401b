# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two hosts for berth-gate's tests (sourced by *.t): network namespaces, each with a /run and a /var/lib of its own.

gate_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
GUEST=vm1

# shellcheck source=tests/gate-mark.sh
. "$gate_root/tests/gate-mark.sh"

# gate_uuid GUEST: as tests/firewall-case.h makes them
gate_uuid()
{
	local hash=5381 i

	for ((i = 0; i < ${#1}; i++)); do hash=$(((hash * 33 + $(printf '%d' "'${1:i:1}")) & 0xffffffff)); done
	printf '0c4a2c42-6a9c-4bd4-a3ac-1b6a%08x\n' $hash
}

# gate_furnish: in a host's namespaces, with whatever the tests need in place of the machine's own.
# GATE_ETC_IS_OURS: in a virtual machine of ../kernel, whose root is an overlay, which can't be the lower part of another
gate_furnish()
{
	mount -t tmpfs run /run && mount -t tmpfs lib /var/lib && mount -t tmpfs libexec /usr/libexec && mount -t sysfs sys /sys || return
	mkdir -p /run/libvirt/qemu /var/lib/berth /usr/libexec/berth /run/etc/berth /run/etc-work
	if [ -n "${GATE_ETC_IS_OURS:-}" ]; then
		mkdir -p /etc/berth && mount -t tmpfs conf /etc/berth || return
	else
		mount -t overlay etc -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc-work /etc || return
	fi
	printf '%s\n' '[firewall]' 'stateless = approximate' > /etc/berth/berth.conf
	cp "$gate_root/build/berth-event" /usr/libexec/berth/
	echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
	ip link add br0 type bridge && ip link set br0 up
}

# gate_hosts: this process is in the source's namespaces, $gate_there holds those of the destination
gate_hosts()
{
	gate_furnish || return
	# shellcheck disable=SC2016 # the inner shell expands it
	coproc gate_other { exec unshare --net --mount --propagation private "$BASH" -c '. "$0" && gate_furnish && echo ready && read -r _' "${BASH_SOURCE[0]}"; }
	# shellcheck disable=SC2154 # by coproc
	gate_there=$gate_other_PID
	read -r -u "${gate_other[0]}" || return
}

# on_source COMMAND..., on_destination COMMAND...
on_source() { "$@"; }
on_destination() { nsenter --net --mount --wd="$PWD" -t "$gate_there" "$@"; }

# gate_port HOST INTERFACE: a port like a guest's tap
gate_port() { "on_$1" ip link add "$2" type veth peer name "$2.g" && "on_$1" ip link set "$2" master br0 up; }

# gate_status HOST INTERFACE POLICY-FILE [JOB] [MORE-DEVICES]: libvirt's status file of the guest
gate_status()
{
	"on_$1" tee "/run/libvirt/qemu/$GUEST.xml" > /dev/null <<-XML
	<domstatus state='running' reason='booted' pid='$$'>
	  ${4:+<lockstate>source</lockstate>}
	  ${4:-}
	  <domain type='qemu' id='1'>
	    <name>$GUEST</name>
	    <uuid>$(gate_uuid $GUEST)</uuid>
	    <metadata>$(cat "$3")</metadata>
	    <memory unit='KiB'>1024</memory>
	    <os><type>hvm</type></os>
	    <devices>
	      <interface type='bridge'>
	        <mac address='52:54:00:00:00:01'/>
	        <source bridge='br0'/>
	        <target dev='$2'/>
	      </interface>
	      ${5:-}
	    </devices>
	  </domain>
	</domstatus>
	XML
}

# gate HOST VERB: berth-gate there
gate() { "on_$1" "$gate_root/build/berth-gate" "$2" $GUEST "$(gate_uuid $GUEST)" 2>&1; }

# gate_event HOST OPERATION SUBOPERATION: as libvirt runs its hook there
gate_event() { "on_$1" sed -n '/<domain/,/<\/domain/p' "/run/libvirt/qemu/$GUEST.xml" | "on_$1" "$gate_root/build/berth-event" $GUEST "$2" "$3" -; }

# gate_mark HOST: its libvirtd, which is this process, has the gate
gate_mark()
{
	"on_$1" mkdir -p /run/berth
	gate_mark_text | "on_$1" tee /run/berth/gate > /dev/null
}

# gate_tool HOST VERB INTERFACE CASE: what firewall-tool says there of a case of ../data/firewall
gate_tool()
{
	"on_$1" "$gate_root/build/tests/firewall-tool" "$2" --stateless --interface "$3" "$gate_root/tests/data/firewall/$4/policy.xml" 2>&1
}
