/* SPDX-License-Identifier: GPL-2.0-or-later */
/* However a program ends, its caller is told: the output, or the program's name, how it ended and
 * its last words. */
#include "tests/unit/image-fixture.h"

static int run_shell(const char *script, struct strbuf *output, struct err *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct command command = {.argv = argv, .timeout_ms = 20000, .output_max = 100000};

	return command_run(&command, output, err);
}

static void test_output(void **state)
{
	cleanup_strbuf struct strbuf output = {0};
	struct err err;

	(void)state;
	strbuf_puts(&output, "before ");
	assert_ok(run_shell("echo out; echo errors >&2", &output, &err));
	assert_string_equal(output.text, "before out\n");
	assert_ok(run_shell("echo unwanted", NULL, &err));
}

static void test_arguments_are_not_interpreted(void **state)
{
	const char *const argv[] = {"printf", "%s|", "a b", "$(id)", "*", "'\"", "", NULL};
	const struct command command = {.argv = argv, .timeout_ms = 20000, .output_max = 1000};
	cleanup_strbuf struct strbuf output = {0};
	struct err err;

	(void)state;
	assert_ok(command_run(&command, &output, &err));
	assert_string_equal(output.text, "a b|$(id)|*|'\"||");
}

static void test_exit_status(void **state)
{
	struct err err;

	(void)state;
	assert_fails(run_shell("exit 3", NULL, &err), EIO, "sh: exit status 3: it said nothing");
	assert_fails(run_shell("echo only out; exit 1", NULL, &err), EIO,
		     "sh: exit status 1: it said nothing");
}

static void test_last_words(void **state)
{
	struct err err;

	(void)state;
	assert_fails(run_shell("echo first >&2; echo 'the cause' >&2; exit 1", NULL, &err), EIO,
		     "");
	assert_string_equal(err.text, "sh: exit status 1: the cause");
	assert_fails(run_shell("printf 'one\\nno line break' >&2; exit 2", NULL, &err), EIO, "");
	assert_string_equal(err.text, "sh: exit status 2: no line break");
	assert_fails(run_shell("printf 'the cause\\n\\n\\n' >&2; exit 2", NULL, &err), EIO, "");
	assert_string_equal(err.text, "sh: exit status 2: the cause");
}

static void test_last_words_of_many(void **state)
{
	struct err err;

	(void)state;
	assert_fails(run_shell("seq 100000 >&2; echo 'the cause' >&2; exit 1", NULL, &err), EIO,
		     "");
	assert_string_equal(err.text, "sh: exit status 1: the cause");
}

static void test_signal(void **state)
{
	struct err err;

	(void)state;
	assert_fails(run_shell("kill -SEGV $$", NULL, &err), EIO, "sh: killed by signal 11");
}

static void test_no_such_program(void **state)
{
	const char *const argv[] = {"berth-no-such-program", NULL};
	const struct command command = {.argv = argv, .timeout_ms = 20000, .output_max = 1000};
	struct err err;

	(void)state;
	assert_fails(command_run(&command, NULL, &err), ENOENT, "");
	assert_string_equal(err.text, "berth-no-such-program: no such program; install it");
}

static void test_no_child_is_left(void **state)
{
	struct err err;

	(void)state;
	assert_ok(run_shell("exit 0", NULL, &err));
	assert_fails(run_shell("exit 1", NULL, &err), EIO, "");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_arguments_are_not_interpreted),
		cmocka_unit_test(test_exit_status),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_last_words_of_many),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_no_such_program),
		cmocka_unit_test(test_no_child_is_left),
	};

	return run_as_tap(tests);
}
