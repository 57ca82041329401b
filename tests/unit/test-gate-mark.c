/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate counts as active while the very process lives that has left its mark. */
#include "tests/unit/gate-fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "hooks/records/gate_mark.h"

static void test_no_mark(void **state)
{
	(void)state;
	assert_false(gate_is_active(&site, 0));
}

static void test_mark(void **state)
{
	(void)state;
	write_gate_mark(getpid(), start_of(getpid()));
	assert_true(gate_is_active(&site, 0));
	assert_true(gate_is_active(&site, getpid()));
	assert_false(gate_is_active(&site, getppid()));
}

/* berth-gate asks for the libvirtd that has started it, not for its successor. */
static void test_awaited(void **state)
{
	(void)state;
	assert_false(gate_is_awaited(&site));
	write_gate_mark(getppid(), start_of(getppid()));
	assert_true(gate_is_awaited(&site));
	usleep(50 * 1000); /* more than a tick of the kernel's */
	pid_t child = fork();
	if (child == 0)
		for (;;)
			pause();
	write_gate_mark(child, start_of(child));
	assert_true(gate_is_active(&site, child));
	assert_false(gate_is_awaited(&site));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_false(gate_is_awaited(&site));
}

static void test_number_used_again(void **state)
{
	(void)state;
	write_gate_mark(getpid(), start_of(getpid()) + 1);
	assert_false(gate_is_active(&site, 0));
}

static void test_process_gone(void **state)
{
	pid_t child = fork();

	(void)state;
	if (child == 0)
		for (;;)
			pause();
	write_gate_mark(child, start_of(child));
	assert_true(gate_is_active(&site, 0));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_false(gate_is_active(&site, 0));
}

static void test_not_understood(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"berth-gate\t1",
		"berth-gate\t1\n",
		"berth-gate\t2\nlibvirtd\tpid=1\tstart=1\n",
		"berth-gate\t1\nlibvirtd\tpid=x\tstart=1\n",
		"berth-gate\t1\nlibvirtd\tpid=1\n",
		"berth-gate\t1\nqemu\tpid=1\tstart=0\n",
		"berth-gate\t1\nlibvirtd\tpid=18446744073709551615\tstart=0\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		write_text(site.gate, texts[i]);
		assert_false(gate_is_active(&site, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_no_mark),      site_test(test_mark),
		site_test(test_awaited),      site_test(test_number_used_again),
		site_test(test_process_gone), site_test(test_not_understood),
	};

	return run_as_tap(tests);
}
