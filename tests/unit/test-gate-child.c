/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever berth-gate does, the call ends in time, and the user reads what was wrong with it; it
 * inherits nothing of libvirtd. */
#include "tests/unit/plugin-fixture.h"

#include <time.h>

/* berth-gate answers so at the source. */
static void assert_no_facts(const char *how, const char *why)
{
	char *text = NULL;

	answer(how);
	libvirt_error[0] = '\0';
	assert_int_equal(call_inquire(&text), -1);
	assert_null(text);
	assert_string_equal(libvirt_error, why);
}

/* ... and so at the destination. */
static void assert_not_verified(const char *how, const char *why)
{
	set_status(MANAGED, "migration in");
	answer(how);
	assert_int_equal(call_resume(NULL), -1);
	assert_string_equal(libvirt_error, why);
}

#define PROGRAM "berth: vm1: './berth-gate' "

static void test_says_no(void **state)
{
	(void)state;
	assert_no_facts("refuse", "berth: vm1: disk 'vda': is another");
	assert_no_facts("long-story", "berth: vm1: the end");
	assert_no_facts("say-no-more", PROGRAM "ended with status 1: it said nothing");
	assert_not_verified("refuse", "berth: vm1: disk 'vda': is another");
	assert_not_verified("long-story", "berth: vm1: the end");
}

static void test_fails(void **state)
{
	(void)state;
	assert_no_facts("other-status", PROGRAM "ended with status 7: oops");
	assert_no_facts("flood", PROGRAM "printed more than 2097152 bytes and was ended");
	assert_not_verified("other-status", PROGRAM "ended with status 7: oops");
	unlink("berth-gate");
	write_text("berth-gate", "#!/bin/sh\n");
	assert_no_facts("facts", "berth: vm1: run './berth-gate': Permission denied");
	unlink("berth-gate");
	assert_no_facts("facts", "berth: vm1: './berth-gate' is not there; reinstall berth");
}

static void test_is_killed(void **state)
{
	(void)state;
	assert_no_facts("killed", PROGRAM "was killed by signal 9");
	assert_not_verified("killed", PROGRAM "was killed by signal 9");
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void test_hangs(void **state)
{
	time_t began = seconds();

	(void)state;
	assert_no_facts("hang", PROGRAM "took longer than 3000 ms and was ended");
	assert_no_facts("closed-and-hanging", PROGRAM "took longer than 3000 ms and was ended");
	assert_not_verified("hang", PROGRAM "took longer than 3000 ms and was ended");
	assert_true(seconds() - began < 60);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left to be reaped */
}

/* It closes its output long before it ends; or ends while another process keeps it open. */
static void test_output_and_end_apart(void **state)
{
	static const char *const answers[] = {"facts", "early", "left-behind"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		cleanup_free char *text = NULL;
		answer(answers[i]);
		assert_int_equal(call_inquire(&text), 0);
		assert_non_null(strstr(text, " facts=ZGlzayB2ZGEgc2l6ZT0xMDczNzQxODI0"));
	}
}

static bool runs(pid_t pid)
{
	char path[64], state = 'X';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(file);
	return state != 'Z' && state != 'X';
}

/* What it leaves behind ends too; a zombie of it is init's. */
static void test_leaves_nothing_behind(void **state)
{
	cleanup_free char *text = NULL;
	cleanup_strbuf struct strbuf left = {0};
	struct err err;

	(void)state;
	answer("left-behind");
	assert_int_equal(call_inquire(&text), 0);
	assert_ok(file_read("left", 32, &left, &err));
	pid_t pid = atoi(left.text);
	assert_true(pid > 0);
	for (int i = 0; i < 1000 && runs(pid); i++)
		usleep(10000);
	assert_false(runs(pid));
}

/* 2 MiB are the most, and arrives. */
static void test_much(void **state)
{
	cleanup_free char *bytes = xcalloc(1, 2 << 20);

	(void)state;
	for (size_t i = 0; i < 2 << 20; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	write_file("facts", bytes, 2 << 20);
	cleanup_free char *text = incoming_state();
	assert_int_equal(call_resume(text), 0);
	cleanup_strbuf struct strbuf arrived = {0};
	struct err err;
	assert_ok(file_read("input", 4 << 20, &arrived, &err));
	assert_int_equal(arrived.length, 2 << 20);
	assert_memory_equal(arrived.text, bytes, 2 << 20);
}

/* libvirtd ignores SIGPIPE and blocks signals in its threads; some of its descriptors may be
 * inheritable. */
static void test_inherits_nothing(void **state)
{
	cleanup_free char *text = NULL;
	sigset_t mask, before;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	sigfillset(&mask);
	pthread_sigmask(SIG_BLOCK, &mask, &before);
	cleanup_close int leaked = open("/dev/null", O_RDONLY);
	assert_int_equal(call_inquire(&text), 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_string_equal(asked(), "inquire " NAME " " UUID
				     " fds=3 SigBlk=0 SigIgn=0 leader=1 variables=3\n");
	assert_true(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_says_no),
		plugin_test(test_fails),
		plugin_test(test_is_killed),
		plugin_test(test_hangs),
		plugin_test(test_output_and_end_apart),
		plugin_test(test_leaves_nothing_behind),
		plugin_test(test_much),
		plugin_test(test_inherits_nothing),
	};

	return run_as_tap(tests);
}
