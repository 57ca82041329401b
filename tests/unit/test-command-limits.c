/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that takes too long or prints too much is killed. */
#include "tests/unit/image-fixture.h"

#include <time.h>

static int run_limited(const char *script, int timeout_ms, size_t output_max, struct strbuf *output,
		       struct err *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct command command = {
		.argv = argv, .timeout_ms = timeout_ms, .output_max = output_max};

	return command_run(&command, output, err);
}

/* The script has written its process id there. */
static void assert_process_gone(const char *pid_file)
{
	cleanup_strbuf struct strbuf pid = {0};
	struct err err;

	assert_ok(file_read(pid_file, 100, &pid, &err));
	assert_int_equal(kill(atoi(pid.text), 0), -1);
	assert_int_equal(errno, ESRCH);
}

/* A script that says who it is and then runs on as that process. */
static const char *lasting(const char *how)
{
	return keep(xasprintf("echo $$ > %s; %s exec sleep 30", at("pid"), how));
}

static void assert_timed_out(const char *script)
{
	time_t began = time(NULL);
	struct err err;

	assert_fails(run_limited(script, 1000, 1000, NULL, &err), ETIMEDOUT, "");
	assert_string_equal(err.text, "sh: timed out after 1 s");
	assert_true(time(NULL) - began < 20);
	assert_process_gone(at("pid"));
}

static void test_timeout(void **state)
{
	(void)state;
	assert_timed_out(lasting(""));
}

static void test_timeout_while_it_prints(void **state)
{
	(void)state;
	assert_timed_out(keep(xasprintf(
		"echo $$ > %s; exec sh -c 'while :; do echo x; sleep 0.1; done'", at("pid"))));
}

static void test_timeout_though_it_is_silent_for_good(void **state)
{
	(void)state;
	assert_timed_out(lasting("exec > /dev/null 2> /dev/null;"));
}

static void test_timeout_though_it_ignores_signals(void **state)
{
	(void)state;
	assert_timed_out(lasting("trap '' TERM INT HUP;"));
}

static void test_output_limit(void **state)
{
	cleanup_strbuf struct strbuf output = {0};
	struct err err;

	(void)state;
	assert_ok(run_limited("head -c 70000 /dev/zero", 20000, 70000, &output, &err));
	assert_int_equal(output.length, 70000);
	assert_fails(run_limited("head -c 70001 /dev/zero", 20000, 70000, NULL, &err), EMSGSIZE,
		     "sh: printed more than 70000 bytes");
	assert_fails(run_limited(keep(xasprintf("echo $$ > %s; exec yes", at("pid"))), 20000, 1000,
				 NULL, &err),
		     EMSGSIZE, "sh: printed more than 1000 bytes");
	assert_process_gone(at("pid"));
}

static void test_errors_have_no_limit(void **state)
{
	struct err err;

	(void)state;
	assert_ok(run_limited("head -c 1000000 /dev/zero >&2", 20000, 10, NULL, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_timeout),
		scratch_test(test_timeout_while_it_prints),
		scratch_test(test_timeout_though_it_is_silent_for_good),
		scratch_test(test_timeout_though_it_ignores_signals),
		scratch_test(test_output_limit),
		scratch_test(test_errors_have_no_limit),
	};

	return run_as_tap(tests);
}
