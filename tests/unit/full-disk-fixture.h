/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk that is full at a byte of the test's choice: the kernel writes what still fits, and then
 * fails (setrlimit(2), RLIMIT_FSIZE). */
#ifndef BERTH_TESTS_UNIT_FULL_DISK_FIXTURE_H
#define BERTH_TESTS_UNIT_FULL_DISK_FIXTURE_H

#include "tests/unit/image-fixture.h"

#include <signal.h>
#include <sys/resource.h>

static inline void set_file_limit(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No file grows past this size from now on. */
static inline void fill_disk_at(size_t bytes)
{
	set_file_limit(bytes);
}

static inline void make_room_again(void)
{
	set_file_limit(RLIM_INFINITY);
}

#endif
