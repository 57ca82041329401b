/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dying at a named point, for tests of what a killed run leaves behind. */
#include "base/fault.h"

#ifdef BERTH_TEST_FAULTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void fault_point(const char *name)
{
	static int passes;
	const char *wanted = getenv("BERTH_FAULT"), *number = getenv("BERTH_FAULT_SIGNAL");
	size_t length = strlen(name);

	if (!wanted || strncmp(wanted, name, length) != 0)
		return;
	if (wanted[length] == ':' && ++passes < atoi(wanted + length + 1))
		return;
	if (wanted[length] == ':' || wanted[length] == '\0')
		raise(number ? atoi(number) : SIGKILL);
}
#else
typedef int nothing_in_a_normal_build;
#endif
