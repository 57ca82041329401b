/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock that deadlines are measured by, and the time of day as text. */
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

#define CLOCK_TEXT_SIZE 32

/* clock_text() - "2026-12-01 13:05:59", in this host's time zone. */
static inline void clock_text(time_t when, char ret[static CLOCK_TEXT_SIZE])
{
	struct tm local;

	strftime(ret, CLOCK_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", localtime_r(&when, &local));
}

#endif
