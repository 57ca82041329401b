/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a child process promises its parent. */
#ifndef BERTH_BASE_DIE_WITH_H
#define BERTH_BASE_DIE_WITH_H

#include <sys/types.h>

/**
 * die_with_parent() - in a child: have the kernel kill this process when its parent ends
 * @parent: who has forked it
 *
 * The kernel does so when the thread ends that has forked (PR_SET_PDEATHSIG, prctl(2)): the parent
 * must have one thread only. It stays so after exec. Where the parent is dead already the call
 * ends the process itself.
 */
void die_with_parent(pid_t parent);

#endif
