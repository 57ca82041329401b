/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs run at the same time, each in a process; each one's answer comes back, or what became of it.
 */
#include "tests/unit/image-fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/parallel.h"

#define JOBS 5

static int64_t in_ms(int64_t ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000 + ms;
}

/* All must be there before one goes on: one after the other they would never end. */
static int meet(void *argument, struct err *err)
{
	const int *ring = argument;
	char mark = 'x';

	if (write(ring[1], &mark, 1) != 1)
		return err_set(err, EIO, "write");
	for (int there = 0; there < JOBS; there++) {
		char one;
		if (read(ring[2], &one, 1) != 1)
			return err_set(err, EIO, "read");
	}
	return (int)getpid();
}

static void test_at_the_same_time(void **state)
{
	struct parallel_job jobs[JOBS];
	int rings[JOBS][3], up[2], down[JOBS][2];
	struct err err;

	(void)state;
	assert_int_equal(pipe(up), 0);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(pipe(down[i]), 0);
		rings[i][1] = up[1];
		rings[i][2] = down[i][0];
		jobs[i] = (struct parallel_job){.run = meet, .argument = rings[i]};
	}
	pid_t host = fork();
	if (host == 0) {
		char marks[JOBS];
		for (int i = 0; i < JOBS; i++)
			if (read(up[0], &marks[i], 1) != 1)
				_exit(1);
		for (int i = 0; i < JOBS; i++)
			if (write(down[i][1], marks, JOBS) != JOBS)
				_exit(1);
		_exit(0);
	}
	assert_ok(parallel_run(jobs, JOBS, in_ms(60000), &err));
	for (int i = 0; i < JOBS; i++)
		assert_true(jobs[i].rc > 0 && (i == 0 || jobs[i].rc != jobs[i - 1].rc));
	assert_int_equal(waitpid(host, NULL, 0), host);
	for (int i = 0; i < JOBS; i++) {
		close(down[i][0]);
		close(down[i][1]);
	}
	close(up[0]);
	close(up[1]);
}

/* What the children of test_bounded() share. */
struct crowd {
	int running, most, total;
};

static int join(void *argument, struct err *err)
{
	struct crowd *crowd = argument;
	int now = __atomic_add_fetch(&crowd->running, 1, __ATOMIC_SEQ_CST);

	(void)err;
	for (int most = crowd->most;
	     now > most && !__atomic_compare_exchange_n(&crowd->most, &most, now, false,
							__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);)
		;
	/* The first ones stay until as many are there as may be. */
	for (int tries = 0; crowd->most < PARALLEL_MAX && tries < 6000; tries++)
		usleep(10000);
	__atomic_sub_fetch(&crowd->running, 1, __ATOMIC_SEQ_CST);
	return __atomic_add_fetch(&crowd->total, 1, __ATOMIC_SEQ_CST);
}

static void test_bounded(void **state)
{
	struct parallel_job jobs[10 * PARALLEL_MAX];
	struct err err;

	(void)state;
	struct crowd *crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(crowd, MAP_FAILED);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = (struct parallel_job){.run = join, .argument = crowd};
	assert_ok(parallel_run(jobs, ARRAY_SIZE(jobs), in_ms(60000), &err));
	assert_int_equal(crowd->most, PARALLEL_MAX);
	assert_int_equal(crowd->total, ARRAY_SIZE(jobs));
	munmap(crowd, sizeof(*crowd));
}

static int stay(void *argument, struct err *err)
{
	(void)argument;
	(void)err;
	for (;;)
		pause();
	return 0;
}

/* One deadline for all, also for those that have to wait for their turn. */
static void test_not_begun(void **state)
{
	struct parallel_job jobs[2 * PARALLEL_MAX];
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = (struct parallel_job){.run = stay};
	int64_t end = in_ms(1000);
	assert_int_equal(parallel_run(jobs, ARRAY_SIZE(jobs), end, &err), -ETIMEDOUT);
	assert_true(in_ms(0) < end + 30000);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		assert_int_equal(jobs[i].rc, -ETIMEDOUT);
	assert_string_equal(jobs[0].err.text, "did not end in time");
	assert_string_equal(jobs[PARALLEL_MAX].err.text, "was not begun in time");
}

static int give(void *argument, struct err *err)
{
	int rc = *(int *)argument;

	return rc < 0 ? err_set(err, -rc, "job %d: it can't", -rc) : rc;
}

static int die(void *argument, struct err *err)
{
	(void)err;
	return raise(*(int *)argument);
}

static int leave(void *argument, struct err *err)
{
	(void)err;
	_exit(*(int *)argument);
}

static int sleep_long(void *argument, struct err *err)
{
	(void)argument;
	(void)err;
	sleep(1000);
	return 0;
}

static void test_first_error(void **state)
{
	int answers[] = {0, -ENOENT, 7, -EACCES};
	struct parallel_job jobs[ARRAY_SIZE(answers)];
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		jobs[i] = (struct parallel_job){.run = give, .argument = &answers[i]};
	assert_fails(parallel_run(jobs, ARRAY_SIZE(answers), in_ms(60000), &err), ENOENT,
		     "job 2: it can't");
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		assert_int_equal(jobs[i].rc, answers[i]);
	assert_string_equal(jobs[3].err.text, "job 13: it can't");
}

static void test_killed(void **state)
{
	int signal_number = SIGKILL, status = 3, fine = 0;
	struct parallel_job jobs[] = {
		{.run = give, .argument = &fine},
		{.run = die, .argument = &signal_number},
		{.run = leave, .argument = &status},
	};
	struct err err;

	(void)state;
	assert_fails(parallel_run(jobs, ARRAY_SIZE(jobs), in_ms(60000), &err), ECHILD,
		     "killed by signal 9");
	assert_int_equal(jobs[0].rc, 0);
	assert_int_equal(jobs[2].rc, -ECHILD);
	assert_string_equal(jobs[2].err.text, "its process ended without an answer");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_deadline(void **state)
{
	int fine = 0;
	struct parallel_job jobs[] = {
		{.run = sleep_long},
		{.run = give, .argument = &fine},
	};
	struct err err;

	(void)state;
	assert_fails(parallel_run(jobs, ARRAY_SIZE(jobs), in_ms(300), &err), ETIMEDOUT, "in time");
	assert_int_equal(jobs[1].rc, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int tell_pid_and_sleep(void *argument, struct err *err)
{
	pid_t self = getpid();

	(void)err;
	if (write(*(int *)argument, &self, sizeof(self)) != sizeof(self))
		return -EIO;
	return sleep_long(NULL, err);
}

/* They end when who has started them is killed: the pipe they hold open ends. */
static void test_children_die_too(void **state)
{
	pid_t pids[2];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid_t parent = fork();
	if (parent == 0) {
		struct parallel_job jobs[] = {
			{.run = tell_pid_and_sleep, .argument = &fds[1]},
			{.run = tell_pid_and_sleep, .argument = &fds[1]},
		};
		struct err err;
		parallel_run(jobs, ARRAY_SIZE(jobs), in_ms(600000), &err);
		_exit(0);
	}
	close(fds[1]);
	for (int i = 0; i < 2; i++)
		assert_int_equal(read(fds[0], &pids[i], sizeof(pid_t)), sizeof(pid_t));
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_int_equal(read(fds[0], pids, 1), 0);
	close(fds[0]);
}

static void test_none(void **state)
{
	struct err err;

	(void)state;
	assert_ok(parallel_run(NULL, 0, in_ms(0), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_at_the_same_time), scratch_test(test_first_error),
		scratch_test(test_killed),           scratch_test(test_deadline),
		scratch_test(test_children_die_too), scratch_test(test_none),
		scratch_test(test_bounded),          scratch_test(test_not_begun),
	};

	return run_as_tap(tests);
}
