/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether libvirtd has the gate (berth.so as its lock manager), by the mark that it leaves. */
#ifndef BERTH_HOOKS_RECORDS_GATE_MARK_H
#define BERTH_HOOKS_RECORDS_GATE_MARK_H

#include <stdbool.h>
#include <sys/types.h>

#include "hooks/records/site.h"

/**
 * gate_is_active() - whether the libvirtd that runs has the gate
 * @daemon: that very process; 0: whichever
 *
 * The mark, site->gate, names the process that has loaded berth.so and when that was started, in
 * the kernel's ticks: a mark that another libvirtd has left says nothing of this one.
 */
bool gate_is_active(const struct site *site, pid_t daemon);

/**
 * gate_is_awaited() - whether the libvirtd that has started this process, berth-gate, is still
 * there
 *
 * libvirtd may have been killed meanwhile, and even a new one may have left its mark; but that one
 * is younger than this process.
 */
bool gate_is_awaited(const struct site *site);

#endif
