#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# berth check sees a libvirtd that was started before the hook came, and what a mapping leads to and is not here.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

need_berth
berth_reset
hook=/etc/libvirt/hooks/qemu.d/berth
says() { on hosta berth check "$@" 2>&1; }
# seen_anew CMD...: in a /proc whose inodes nobody has looked at yet, so their times are of now
seen_anew() { on hosta unshare --mount --propagation private sh -c 'mount -t proc proc /proc && "$@"' seen_anew "$@"; }
# installed_anew: the link is made again, in a later second than libvirtd's start
installed_anew() { on hosta sh -c "sleep 1.1; ln -sfn \"\$(readlink $hook)\" $hook"; }

ok "all is well" on hosta berth check --quiet
like "$(says)" "mappings +ok +all that they lead to is here" "mappings too"
ok "the hook is installed anew" installed_anew
like "$(seen_anew berth check)" "hook +wrong +$LAB_DAEMON has run since before berth was installed: systemctl restart $LAB_DAEMON" "libvirtd is older than that"
ok "libvirtd restarts" libvirtd_restart hosta
like "$(seen_anew berth check)" "hook +ok +$LAB_DAEMON runs it" "then it isn't"

# Debian 13 has libvirt's network driver as a package of its own, which the lab does without.
if virsh_on hosta net-list > /dev/null 2>&1; then
	virsh_on hosta net-define /dev/stdin > /dev/null <<-NET
	<network><name>asleep</name><bridge name='virbr7'/></network>
	NET
	absent="libvirt has no 'nosuch' here; 'virsh net-define' it, or"
	asleep="it is not active here; 'virsh net-start asleep'"
else
	absent="libvirt has no network driver on this host; install libvirt-daemon-driver-network"
	asleep=$absent
fi
on hosta mkdir -p /srv/there
berth_conf hosta "br9 = br99
[networks]
one = nosuch
two = asleep
[network]
uplink = eth9
[paths]
/srv/a = /mnt/nowhere
/srv/b = /srv/there
/srv/c = /var/lib/libvirt/images/later
[images]
base = /mnt/base"
said=$(says) && said="exit 0: $said"
is "$(grep -c '^mappings ' <<< "$said")" 6 "a line for each that is missing, and for no other"
like "$said" "mappings +wrong +bridge 'br9' = 'br99': there is no 'br99' here; make it, or name another in \[bridges\]" "a bridge"
like "$said" "mappings +wrong +uplink 'eth9': there is no such interface here; name another in \[network\]" "the uplink"
like "$said" "mappings +wrong +network 'one' = 'nosuch': $absent" "a network"
like "$said" "mappings +wrong +network 'two' = 'asleep': $asleep" "a network that is not active"
like "$said" "mappings +wrong +path '/srv/a' = '/mnt/nowhere': No such file or directory; make it, or name another in \[paths\]" "a folder"
like "$said" "mappings +wrong +base '/mnt/base': No such file or directory; make it" "a folder of base images"
like "$(says --json)" '"check": "mappings", "finding": "wrong", "text": "bridge ' "with --json too"
ok "which is JSON" on hosta sh -c 'berth check --json | perl -MJSON::PP -0e "decode_json(<>)"'
virsh_on hosta net-undefine asleep > /dev/null 2>&1

berth_conf hosta
for verb in status verify "status --json" "verify --json"; do
	# shellcheck disable=SC2086 # words
	is "$(on hosta berth $verb nobody 2>&1; echo $?)" "berth: 'nobody': no such guest on this host; see 'virsh list --all'"$'\n1' \
		"berth $verb of an unknown guest"
done
ok "a guest that is shut off" guest_define hosta vm1 nic=
ok "is known" on hosta berth status vm1
done_testing
