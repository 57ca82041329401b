/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child that doesn't outlive its parent. */
#include "base/die_with.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

void die_with_parent(pid_t parent)
{
	/* The parent may have died before the signal was ordered. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
}
