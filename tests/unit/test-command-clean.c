/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that berth runs inherits nothing: no descriptor, no environment, no locale, no signal
 * mask. */
#include "tests/unit/image-fixture.h"

#define CLEAN_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void test_environment(void **state)
{
	(void)state;
	setenv("LANG", "de_DE.UTF-8", 1);
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	setenv("IFS", "/", 1);
	setenv("BERTH_TEST", "leaks", 1);
	assert_string_equal(run("env"), "PATH=" CLEAN_PATH "\nLC_ALL=C\nHOME=/\n");
	assert_string_equal(getenv("LANG"), "de_DE.UTF-8");
}

static void test_program_is_looked_up_in_system_folders_alone(void **state)
{
	const char *const argv[] = {"berth-test-program", NULL};
	const struct command command = {.argv = argv, .timeout_ms = 20000, .output_max = 1000};
	cleanup_free char *path = xstrdup(getenv("PATH"));
	struct err err;

	(void)state;
	write_text(at("berth-test-program"), "#!/bin/sh\necho ran\n");
	assert_int_equal(chmod(at("berth-test-program"), 0755), 0);
	setenv("PATH", scratch, 1);
	assert_fails(command_run(&command, NULL, &err), ENOENT, "no such program");
	assert_string_equal(getenv("PATH"), scratch);
	setenv("PATH", path, 1);
}

static void test_descriptors(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(dup2(fd, 77), 77);
	assert_string_equal(run("sh", "-c",
				"for fd in $(seq 3 100); do [ ! -e /proc/$$/fd/$fd ] || "
				"echo $fd; done"),
			    "");
	close(77);
	close(fd);
}

static void test_input_is_empty(void **state)
{
	(void)state;
	assert_string_equal(run("readlink", "/proc/self/fd/0"), "/dev/null\n");
	assert_string_equal(run("cat"), "");
}

static void test_input_is_what_was_given(void **state)
{
	static const char *const argv[] = {"cat", NULL};
	const struct command command = {
		.argv = argv,
		.timeout_ms = 20000,
		.output_max = 1000,
		.input = "two\nlines\nand more",
		.input_length = 10,
	};
	cleanup_strbuf struct strbuf output = {0};
	struct err err;

	(void)state;
	assert_ok(command_run(&command, &output, &err));
	assert_string_equal(output.text, "two\nlines\n");
}

static void test_signals(void **state)
{
	sigset_t all, before;

	(void)state;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	void (*handler)(int) = signal(SIGPIPE, SIG_IGN);
	const char *status = run("cat", "/proc/self/status");
	signal(SIGPIPE, handler);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_non_null(strstr(status, "\nSigBlk:\t0000000000000000\n"));
	const char *ignored = strstr(status, "\nSigIgn:\t");
	assert_non_null(ignored);
	assert_int_equal(strtoull(ignored + strlen("\nSigIgn:\t"), NULL, 16) & 1u << (SIGPIPE - 1),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_environment),
		scratch_test(test_program_is_looked_up_in_system_folders_alone),
		scratch_test(test_descriptors),
		scratch_test(test_input_is_empty),
		scratch_test(test_input_is_what_was_given),
		scratch_test(test_signals),
	};

	return run_as_tap(tests);
}
