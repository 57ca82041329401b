/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where tests kill the program: nothing in a normal build. */
#ifndef BERTH_BASE_FAULT_H
#define BERTH_BASE_FAULT_H

#ifdef BERTH_TEST_FAULTS
/* fault_point() - ends the process by SIGKILL, or sends it the signal of the number
 * BERTH_FAULT_SIGNAL, when the environment's BERTH_FAULT is "NAME" or "NAME:N" (the N-th pass). */
void fault_point(const char *name);
#else
static inline void fault_point(const char *name)
{
	(void)name;
}
#endif

#endif
