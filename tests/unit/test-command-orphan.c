/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program dies with whoever has started it, unless it holds a lock: then the lock is free when it
 * has ended. */
#include "tests/unit/image-fixture.h"

#include <sys/file.h>

/* Runs the script in a process that is killed once the script has made the file "begun". */
static void kill_caller(const char *script, int lock)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct command command = {
		.argv = argv, .timeout_ms = 60000, .output_max = 1000, .lock = lock};
	struct err err;

	pid_t caller = fork();
	if (caller == 0)
		_exit(command_run(&command, NULL, &err) != 0);
	while (!file_exists(at("begun")))
		usleep(1000);
	kill(caller, SIGKILL);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
}

static void test_dies(void **state)
{
	cleanup_strbuf struct strbuf pid = {0};
	struct err err;

	(void)state;
	kill_caller(keep(xasprintf("echo $$ > %s; : > %s; exec sleep 60", at("pid"), at("begun"))),
		    0);
	assert_ok(file_read(at("pid"), 100, &pid, &err));
	for (int tries = 0; kill(atoi(pid.text), 0) == 0; tries++) {
		assert_true(tries < 20000);
		usleep(1000);
	}
}

static void test_goes_on(void **state)
{
	int lock = open(at("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(flock(lock, LOCK_EX), 0);
	/* What it says nobody reads. */
	kill_caller(keep(xasprintf(": > %s; sleep 1; echo out; echo error >&2; : > %s", at("begun"),
				   at("done"))),
		    lock);
	close(lock);
	lock = open(at("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_true(file_exists(at("done")));
	close(lock);
}

static void test_no_lock_is_left(void **state)
{
	const char *const argv[] = {"true", NULL};
	struct command command = {.argv = argv, .timeout_ms = 60000, .output_max = 1000};
	struct err err;

	(void)state;
	command.lock = open(at("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(command.lock, LOCK_EX), 0);
	assert_ok(command_run(&command, NULL, &err));
	close(command.lock);
	int lock = open(at("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	close(lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_dies),
		scratch_test(test_goes_on),
		scratch_test(test_no_lock_is_left),
	};

	return run_as_tap(tests);
}
