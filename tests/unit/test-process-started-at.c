/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a process was started does not depend on when somebody first looked at it. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/process.h"
#include "tests/unit/image-fixture.h"

static double seconds(const struct timespec *time)
{
	return (double)time->tv_sec + (double)time->tv_nsec / 1e9;
}

static void test_looked_at_late(void **state)
{
	struct timespec before, after, start;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &before);
	pid_t pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	clock_gettime(CLOCK_REALTIME, &after);
	usleep(1500000);
	assert_int_equal(process_started_at(pid, &start), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* Clock ticks are rounded down. */
	assert_true(seconds(&start) > seconds(&before) - 0.1);
	assert_true(seconds(&start) < seconds(&after) + 0.1);
}

static void test_of_none(void **state)
{
	struct timespec start;

	(void)state;
	assert_int_equal(process_started_at(0, &start), -ESRCH);
	assert_int_equal(process_started_at(INT_MAX, &start), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looked_at_late),
		cmocka_unit_test(test_of_none),
	};

	return run_as_tap(tests);
}
