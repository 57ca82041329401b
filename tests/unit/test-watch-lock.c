/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process at a time watches a guest's migration, also where the one before it ends, and the
 * next one begins, between this one's opening of the file and its lock. */
#include "tests/unit/site-fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hooks/records/watch_lock.h"

static int next_watcher = -1;
static bool watcher_changes;

/* Stands before libc's: what happens at the moment in between. */
int flock(int fd, int operation)
{
	if (watcher_changes) {
		watcher_changes = false;
		watch_lock_remove(&site, UUID);
		next_watcher = open(at("state/watch/" UUID), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		assert_true(next_watcher >= 0);
		assert_int_equal(syscall(SYS_flock, next_watcher, LOCK_EX | LOCK_NB), 0);
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static void test_one_at_a_time(void **state)
{
	struct err err;

	(void)state;
	cleanup_close int first = watch_lock(&site, UUID, &err);
	assert_true(first >= 0);
	assert_int_equal(watch_lock(&site, UUID, &err), -EAGAIN);
	assert_string_equal(err.text, "is watched already");
}

static void test_the_name_is_another_file_by_now(void **state)
{
	struct err err;

	(void)state;
	watcher_changes = true;
	assert_int_equal(watch_lock(&site, UUID, &err), -EAGAIN);
	assert_int_equal(close(next_watcher), 0);
	cleanup_close int last = watch_lock(&site, UUID, &err);
	assert_true(last >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_one_at_a_time),
		site_test(test_the_name_is_another_file_by_now),
	};

	return run_as_tap(tests);
}
