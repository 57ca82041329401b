/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The deadline of a process ends it in a system call that never comes back, with a line that says
 * so; not while it is paused, and not its children. */
#include "tests/unit/apply-fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "base/deadline.h"

/* Longer than the deadline of a second. */
#define LATER_US 1300000
/* Whoever is not ended is so after so long. */
#define LIMIT_S 30

/* Runs it with a deadline of a second. Return: its exit status; what it said is in "said". */
static int run_with_deadline(void (*function)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		int said = open(at("said"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
		dup2(said, STDERR_FILENO);
		alarm(LIMIT_S);
		deadline_start(1, "vm1: migrate begin");
		function();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void look_at_dead_storage(void)
{
	struct stat st;
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	cleanup_free char *options = xasprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);

	if (mkdir(at("dead"), 0755) == 0 && mount("dead", at("dead"), "fuse", 0, options) == 0)
		stat(at("dead/a"), &st);
}

static void test_dead_storage(void **state)
{
	(void)state;
	int status = run_with_deadline(look_at_dead_storage);
	umount2(at("dead"), MNT_DETACH);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_file_holds(at("said"), "berth: vm1: migrate begin: not done after 1 s; check that "
				      "all storage of this host answers, and migrate it again\n");
}

static void take_long_in_a_pause(void)
{
	deadline_pause("reading");
	usleep(LATER_US);
	deadline_resume();
	if (deadline_passed())
		_exit(2);
}

static void take_long_in_a_child(void)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		usleep(LATER_US);
		_exit(deadline_passed());
	}
	deadline_add_grace(LIMIT_S);
	waitpid(child, &status, 0);
	_exit(WEXITSTATUS(status));
}

static void test_not_counted(void **state)
{
	(void)state;
	assert_int_equal(run_with_deadline(take_long_in_a_pause), 0);
	assert_int_equal(run_with_deadline(take_long_in_a_child), 0);
	struct stat said;
	assert_int_equal(stat(at("said"), &said), 0);
	assert_int_equal(said.st_size, 0);
}

static void take_long_before_the_steps(void)
{
	struct journal *journal = start_journal();
	struct err err;

	deadline_add_grace(LIMIT_S);
	usleep(LATER_US);
	if (apply_steps(&site, NULL, &journal, &err) != -ETIMEDOUT ||
	    !strstr(err.text, "0 of 4 steps"))
		_exit(2);
}

static void test_between_two_steps(void **state)
{
	(void)state;
	assert_int_equal(run_with_deadline(take_long_before_the_steps), 0);
	assert_as_before();
}

int main(void)
{
	bool own_mounts = access("/dev/fuse", R_OK | W_OK) == 0 && unshare(CLONE_NEWNS) == 0 &&
			  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	const struct CMUnitTest tests[] = {
		needing(own_mounts, "root and /dev/fuse", scratch_test(test_dead_storage)),
		scratch_test(test_not_counted),
		apply_test(test_between_two_steps),
	};

	return run_as_tap(tests);
}
