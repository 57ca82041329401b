/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's mark, as berth.so writes it, for any process. */
#ifndef BERTH_TESTS_UNIT_GATE_FIXTURE_H
#define BERTH_TESTS_UNIT_GATE_FIXTURE_H

#include "tests/unit/site-fixture.h"

/* When the process was started: field 22 of /proc/PID/stat, as the shell's words have it. */
static inline unsigned long long start_of(pid_t pid)
{
	return strtoull(run("sed", "s/.*) \\(.*\\)/\\1/; s/\\([^ ]* \\)\\{19\\}\\([0-9]*\\).*/\\2/",
			    keep(xasprintf("/proc/%d/stat", (int)pid))),
			NULL, 10);
}

static inline void write_gate_mark(pid_t pid, unsigned long long start)
{
	write_text(site.gate, keep(xasprintf("berth-gate\t1\nlibvirtd\tpid=%d\tstart=%llu\n",
					     (int)pid, start)));
}

#endif
