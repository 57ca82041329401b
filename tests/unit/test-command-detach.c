/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A detached program has nothing of ours: its own session, no stream, no parent, and nobody waits
 * for it. */
#include "tests/unit/image-fixture.h"

#include <poll.h>

static void detach(const char *script)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	struct err err;

	assert_ok(command_detach(argv, &err));
}

/* What the detached script has written whole, by renaming. */
static const char *written(const char *name)
{
	struct strbuf text = {0};
	struct err err;

	for (int i = 0; i < 2000 && !exists(at(name)); i++)
		usleep(10000);
	assert_ok(file_read(at(name), 10000, &text, &err));
	return keep(strbuf_steal(&text));
}

/* Detaches a script and gives what it prints. */
static const char *detached(const char *script)
{
	detach(keep(xasprintf("{ %s; } > %s 2>&1; mv %s %s", script, at("part"), at("part"),
			      at("whole"))));
	return written("whole");
}

static void test_session(void **state)
{
	int pid, parent, group, session;

	(void)state;
	const char *stat = detached("sleep 0.2; cat /proc/$$/stat");
	assert_int_equal(sscanf(stat, "%d (%*[^)]) %*c %d %d %d", &pid, &parent, &group, &session),
			 4);
	assert_int_not_equal(session, getsid(0));
	assert_int_not_equal(group, getpgrp());
	assert_int_not_equal(parent, getpid());
	assert_int_not_equal(pid, getpid());
}

static void test_not_our_child(void **state)
{
	(void)state;
	detach("sleep 1");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_folder_and_streams(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(dup2(fd, 77), 77);
	detach(keep(xasprintf(
		"pid=$$; { pwd; for fd in 0 1 2 77; do readlink /proc/$pid/fd/$fd; done; } "
		"> %s; mv %s %s",
		at("part"), at("part"), at("whole"))));
	close(77);
	close(fd);
	/* The braces have moved descriptor 1 away while they print. */
	const char *text = written("whole");
	assert_true(str_starts(text, "/\n/dev/null\n"));
	assert_null(strstr(text, "pipe:"));
	assert_null(strstr(text, "socket:"));
	assert_string_equal(strrchr(text, '/'), "/null\n");
}

/* libvirtd waits for a hook until the last copy of its output is closed. */
static void test_nobody_waits_for_it(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t hook = fork();
	if (hook == 0) {
		const char *const argv[] = {"/bin/sleep", "20", NULL};
		struct err err;
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		_exit(command_detach(argv, &err) < 0);
	}
	close(ends[1]);
	struct pollfd end = {.fd = ends[0], .events = POLLIN};
	assert_int_equal(poll(&end, 1, 10000), 1);
	assert_int_equal(end.revents, POLLHUP);
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(hook, &status, 0), hook);
	assert_int_equal(status, 0);
}

static void test_environment(void **state)
{
	(void)state;
	setenv("BERTH_TEST", "leaks", 1);
	assert_string_equal(detached("echo \"$BERTH_TEST|$LC_ALL|$HOME\""), "|C|/\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_session),
		scratch_test(test_not_our_child),
		scratch_test(test_folder_and_streams),
		scratch_test(test_nobody_waits_for_it),
		scratch_test(test_environment),
	};

	return run_as_tap(tests);
}
