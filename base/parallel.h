/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several functions at the same time, each in a child process. */
#ifndef BERTH_BASE_PARALLEL_H
#define BERTH_BASE_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* How many children there are at once: a guest may have a thousand volumes. */
#define PARALLEL_MAX 16

/**
 * struct parallel_job - one function to run
 * @run: runs in a child: what it changes in memory is lost; it returns 0 or a positive number, or a
 * negative errno with @err set
 * @argument: passed to it
 * @rc: afterwards what it returned; -ECHILD where its process ended without an answer
 * @err: where @rc is negative: why
 */
struct parallel_job {
	int (*run)(void *argument, struct err *err);
	void *argument;
	int rc;
	struct err err;
};

/**
 * parallel_run() - run all jobs, PARALLEL_MAX at once, and wait for each
 * @deadline_ms: CLOCK_MONOTONIC, of all of them; who still runs then is killed, with -ETIMEDOUT.
 * The jobs are expected to end by themselves a little earlier. Those that have not begun by then
 * get -ETIMEDOUT too
 *
 * The children die with this process (PR_SET_PDEATHSIG, prctl(2)): it must have one thread only.
 *
 * Return: 0 when no job failed; else the result of the first that did, in their order, with its
 * error.
 */
int parallel_run(struct parallel_job *jobs, size_t count, int64_t deadline_ms, struct err *err);

#endif
