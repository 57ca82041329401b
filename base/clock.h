/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock that deadlines are measured by. */
#ifndef BERTH_BASE_CLOCK_H
#define BERTH_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* clock_now_ms() - milliseconds of CLOCK_MONOTONIC: nobody sets it. Allocates nothing. */
static inline int64_t clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

#endif
