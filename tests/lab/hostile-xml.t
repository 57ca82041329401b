#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever a hook of libvirt is fed: hostile XML is refused in one line and nothing is made; other people's guests pass untouched.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
memory_kib=$((96 * 1024))
uuid=fcafdcd6-07d6-44d0-bba7-41ce815586b9
state="<s:state xmlns:s='urn:berth:state:1' host='hosta' uri='qemu+tcp://hosta/system' written='2026-11-24T10:20:00Z'>"
disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/var/lib/libvirt/images/vm1.qcow2'/><target dev='vda'/></disk>"

# domain NAME METADATA DEVICES
domain() { echo "<domain type='qemu'><name>$1</name><uuid>$uuid</uuid><metadata>$2</metadata><devices>$3</devices></domain>"; }
managed() { domain vm1 "$state<s:disk target='vda' path='/var/lib/libvirt/images/vm1.qcow2' format='qcow2' virtual-bytes='1048576' allocated-bytes='0'/>$1</s:state>" "$disk$2"; }
times() { perl -e 'print $ARGV[0] x $ARGV[1]' "$1" "$2"; }

# hook NAME OPERATION SUBOPERATION [EXTRA] < XML: as libvirt runs it, in little memory; its answer goes into out, err and status
hook()
{
	on hostb sh -c "ulimit -v $memory_kib; exec /etc/libvirt/hooks/qemu.d/berth \"\$@\"" hook "$1" "$2" "$3" "${4:--}" \
		> "$LAB_DIR/out" 2> "$LAB_DIR/err"
	status=$?
}
said() { echo "$status $(wc -c < "$LAB_DIR/out") $(wc -l < "$LAB_DIR/err")"; }

# refused WHAT REGEX < XML: exit status 1, nothing printed, one line that names the guest and matches
refused()
{
	hook vm1 migrate begin
	is "$(said)" "1 0 1" "$1: refused, in one line"
	like "$(cat "$LAB_DIR/err")" "^berth: vm1: .*$2" "$1: it says why"
	is "$(host_snapshot hostb)" "$before" "$1: nothing is made"
}

# silent NAME OPERATION SUBOPERATION WHAT < XML: exit status 0, not a byte printed
silent()
{
	hook "$1" "$2" "$3"
	is "$(said)" "0 0 0" "$4: $2 passes, silently"
}

before=$(host_snapshot hostb)
managed > "$LAB_DIR/whole.xml"
refused "empty input" "domain XML: " < /dev/null
refused "garbage" "domain XML: " <<< "garbage urn:berth:"
refused "cut off" "domain XML: " < <(head -c 500 "$LAB_DIR/whole.xml")
refused "a NUL byte" "domain XML: " < <(managed "" "<a>@</a>" | tr @ '\0')
refused "1000 deep" "domain XML: .*(nested|deep)" < <(managed "" "$(times "<a>" 1000)$(times "</a>" 1000)")
refused "20 MiB" "domain XML: larger than 8388608 bytes" < <(managed "" "<a>@</a>" | perl -pe 's/@/"x" x (20 << 20)/e')
refused "20 MiB of small tags" "domain XML: larger than 8388608 bytes" < <(managed "" "<a>@</a>" | perl -pe 's/@/"<b\/>" x (5 << 20)/e')
refused "6 MiB of small tags" "domain XML: " < <(managed "" "<a>@</a>" | perl -pe 's/@/"<b\/>" x (3 << 19)/e')
refused "a tag of many attributes" "domain XML: " < <(managed "" "<a @/>" | perl -pe 's/@/join " ", map { "a$_=\"\"" } 1 .. 300000/e')
refused "a document type" "domain XML: .*document type" < <({ echo '<!DOCTYPE domain SYSTEM "http://192.0.2.1/x.dtd">'; managed; })
refused "billion laughs" "domain XML: .*document type" < <({ echo '<!DOCTYPE d [<!ENTITY a0 "lol">'
	for n in {1..9}; do echo "<!ENTITY a$n \"$(times "&a$((n - 1));" 10)\">"; done; echo ']>'; managed "" "<a>&a9;</a>"; })
refused "a file as an entity" "domain XML: .*document type" < <({ echo '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/shadow">]>'; managed "" "<a>&x;</a>"; })
refused "another encoding" "domain XML: " < <(managed | iconv -t UTF-16)
refused "a control character in a name" "domain XML: " < <(managed | sed "s,<name>vm1,<name>vm\&#10;1,")
refused "a path that leads out" "disk 'vda': .*/srv/vm/../../etc/x" < <(managed | sed 's,images/vm1.qcow2,images/../../etc/x,g')
refused "a manifest of nonsense" "domain XML: .*virtual-bytes" < <(managed | sed "s,virtual-bytes='1048576',virtual-bytes='-1',")
refused "an odd size" "disk 'vda': .*virtual size" < <(managed | sed "s,virtual-bytes='1048576',virtual-bytes='1000',")

domain other "" "<disk type='file' device='disk'><source file='/srv/other.img'/><target dev='vda'/></disk>" > "$LAB_DIR/other.xml"
for event in "migrate begin" "restore begin" "prepare begin" "start begin" "started begin" "stopped end" "release end" "reconnect begin" "attach begin"; do
	# shellcheck disable=SC2086 # two words
	silent other $event "a guest that isn't managed" < "$LAB_DIR/other.xml"
done
for event in "prepare begin" "start begin" "started begin" "stopped end" "release end"; do
	# shellcheck disable=SC2086 # two words
	silent tck $event "a guest of another test kit" < <(domain tck "" "")
done
silent vm1 migrate begin "a managed guest that needs nothing" < <(domain vm1 "$state</s:state>" "")
silent vm1 teleport begin "an event of a newer libvirt" < "$LAB_DIR/whole.xml"
silent vm1 migrate end "an event of a newer libvirt" < "$LAB_DIR/whole.xml"
for xml in /dev/null "$LAB_DIR/err" "$LAB_DIR/whole.xml" "$LAB_DIR/other.xml" /dev/zero; do
	hook vm1 reconnect begin < <(head -c 20M "$xml")
	is $status 0 "reconnect never fails, whatever it reads"
done
ok "hostb is as before" wait_until eval '[ "$(host_snapshot hostb)" = "$before" ]'
done_testing
