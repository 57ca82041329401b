#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lab hosts are as separate as machines: what one writes, runs or names is not seen in the other, nor outside.

# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$(dirname "$0")/tap.sh"

plan 13
mark=/etc/lab-mark.$$
on hosta touch $mark
ok "hosta has its own files" on hosta test -e $mark
ok "hostb does not see them" on hostb test ! -e $mark
ok "nor does the machine" test ! -e $mark
is "$(on hosta hostname) $(on hostb hostname)" "hosta hostb" "hostnames"
is "$(on hosta cat /proc/1/comm)" host-init "a host has its own PID 1"
on hosta sh -c 'exit 37'
is $? 37 "on preserves the exit status"
is "$(echo text | on hosta cat)" text "on passes its input"
is "$(on hosta getent hosts hostb | awk '{ print $1 }')" "$(address_of hostb)" "hosta resolves hostb"
ok "hosta reaches hostb's libvirtd" on hosta virsh -c qemu+tcp://hostb/system version
on hostb logger -t lab "line $$"
ok "syslog of hostb" wait_until on hostb grep -q "lab: line $$" /var/log/messages
orphan=$(on hosta sh -c 'sleep 0.1 > /dev/null & echo $!')
ok "PID 1 reaps orphans" wait_until on hosta test ! -e "/proc/$orphan"
libvirtd_kill hostb
ok "a killed libvirtd starts again" libvirtd_start hostb
ok "and restarts" libvirtd_restart hostb
