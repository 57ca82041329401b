/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hooks know whether their own libvirtd has the gate: by a file that is true for that process only.
 */
#include "tests/unit/plugin-fixture.h"

#include <sys/prctl.h>

#include "base/process.h"
#include "hooks/records/gate_mark.h"

static const struct site here = {.gate = "run/gate"};

static void test_announced(void **state)
{
	struct stat st;

	(void)state;
	assert_true(gate_is_active(&here, getpid()));
	assert_true(gate_is_active(&here, 0));
	assert_false(gate_is_active(&here, getppid()));
	assert_int_equal(stat("run/gate", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat("run/secret", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat("run", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void test_withdrawn_with_the_last_user(void **state)
{
	(void)state;
	assert_int_equal(init(), 0); /* another driver of the same libvirtd */
	assert_int_equal(driver->deinit(), 0);
	assert_true(gate_is_active(&here, 0));
	assert_int_equal(driver->deinit(), 0);
	assert_false(exists("run/gate"));
	assert_false(gate_is_active(&here, 0));
	assert_int_equal(init(), 0);
}

/* libvirtd was killed: its file is there, its process is not, or is another of its number. */
static void test_of_a_dead_libvirtd(void **state)
{
	unsigned long long start;

	(void)state;
	assert_int_equal(process_start(getpid(), &start), 0);
	write_text("run/gate", keep(xasprintf("berth-gate\t1\nlibvirtd\tpid=%d\tstart=%llu\n",
					      getpid(), start - 1)));
	assert_false(gate_is_active(&here, 0));
	assert_int_equal(driver->deinit(), 0); /* it isn't this one's to remove */
	assert_true(exists("run/gate"));
	write_text("run/gate", "berth-gate\t1\nlibvirtd\tpid=2147483647\tstart=1\n");
	assert_false(gate_is_active(&here, 0));
	assert_int_equal(init(), 0);
	assert_true(gate_is_active(&here, 0));
}

/* A name as no other program has; the second field of /proc/PID/stat. */
static void test_start_of_a_process(void **state)
{
	unsigned long long start, again = 0;

	(void)state;
	assert_int_equal(process_start(getpid(), &start), 0);
	assert_true(start > 0);
	assert_int_equal(prctl(PR_SET_NAME, ") R 1 (x) 2", 0, 0, 0), 0);
	assert_int_equal(process_start(getpid(), &again), 0);
	assert_true(start == again);
	assert_int_equal(process_start(0, &again), -ESRCH);
	assert_int_equal(process_start(-1, &again), -ESRCH);
}

/* Nothing can be kept: the gate works all the same. */
static void test_nowhere_to_write(void **state)
{
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(driver->deinit(), 0);
	assert_int_equal(unlink("run/secret"), 0);
	assert_int_equal(rmdir("run"), 0);
	write_text("run", "a file");
	assert_int_equal(init(), 0);
	assert_int_equal(call_pause(&text), 0);
	answer("refuse");
	assert_int_equal(call_resume(text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_announced),
		plugin_test(test_withdrawn_with_the_last_user),
		plugin_test(test_of_a_dead_libvirtd),
		plugin_test(test_start_of_a_process),
		plugin_test(test_nowhere_to_write),
	};

	return run_as_tap(tests);
}
