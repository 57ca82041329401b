# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A libvirtd that has the gate, for tests without libvirtd (sourced).

# gate_mark_text: what berth.so would have put into /run/berth/gate, were this shell its libvirtd (../hooks/records/gate_mark.h)
gate_mark_text() { printf 'berth-gate\t1\nlibvirtd\tpid=%s\tstart=%s\n' $$ "$(sed 's/.*) //' /proc/$$/stat | cut -d' ' -f20)"; }
