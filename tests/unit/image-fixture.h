/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of storage/ share: a scratch folder, files in it, programs run on them. */
#ifndef BERTH_TESTS_UNIT_IMAGE_FIXTURE_H
#define BERTH_TESTS_UNIT_IMAGE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/command.h"
#include "base/err.h"
#include "base/file.h"
#include "base/strbuf.h"

#define MIB ((uint64_t)1 << 20)

static char scratch[64];
/* Strings that live until the end of the test program. */
static char *kept[4096];
static size_t kept_count;

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int scratch_teardown(void **state)
{
	(void)state;
	while (kept_count)
		free(kept[--kept_count]);
	return nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Each test starts with an empty folder; its real name, so that links are only those that a test
 * makes. */
static inline int scratch_setup(void **state)
{
	(void)state;
	strcpy(scratch, "/var/tmp/berth-test-XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static inline const char *keep(char *text)
{
	assert_true(kept_count < ARRAY_SIZE(kept));
	return kept[kept_count++] = text;
}

/* The path of a name in the scratch folder. */
static inline const char *at(const char *name)
{
	return keep(xasprintf("%s/%s", scratch, name));
}

static inline bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* --- needs: what is missing skips the test, or fails it where tests must run --- */

static inline void test_that_cannot_run(void **state)
{
	(void)state;
	fail_msg("what this test needs is missing, and TESTS_MUST_RUN=1");
}

static inline void test_that_is_skipped(void **state)
{
	(void)state;
}

/* cmocka's own skip() prints "not ok", which prove counts as failed; a TAP directive in the name
 * does it. */
static inline struct CMUnitTest needing(bool have, const char *what, struct CMUnitTest test)
{
	const char *must_run = getenv("TESTS_MUST_RUN");

	if (have)
		return test;
	if (must_run && strcmp(must_run, "1") == 0)
		return (struct CMUnitTest){test.name, test_that_cannot_run, NULL, NULL, NULL};
	static char names[32][128];
	static size_t count;
	assert_true(count < ARRAY_SIZE(names));
	snprintf(names[count], sizeof(names[count]), "%s # SKIP needs %s", test.name, what);
	return (struct CMUnitTest){names[count++], test_that_is_skipped, NULL, NULL, NULL};
}

static inline bool have_qemu(void)
{
	return access("/usr/bin/qemu-img", X_OK) == 0 && access("/usr/bin/qemu-io", X_OK) == 0;
}

#define scratch_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown))
#define qemu_test(f) needing(have_qemu(), "qemu-img and qemu-io", scratch_test(f))
#define root_test(f) needing(geteuid() == 0, "root", qemu_test(f))

/* --- results --- */

#define assert_ok(call)                                      \
	do {                                                 \
		int rc_ = (call);                            \
		if (rc_ < 0)                                 \
			fail_msg("%s: %s", #call, err.text); \
	} while (0)

/* The call fails with that errno, and the error's text has that part. */
#define assert_fails(call, errno_value, part)                                           \
	do {                                                                            \
		err = (struct err){0};                                                  \
		int rc_ = (call);                                                       \
		if (rc_ != -(errno_value) || !strstr(err.text, part))                   \
			fail_msg("%s: gave %d '%s', not %d '%s'", #call, rc_, err.text, \
				 -(errno_value), part);                                 \
		assert_int_equal(err.code, errno_value);                                \
	} while (0)

/* --- files --- */

static inline void write_file(const char *path, const void *bytes, size_t length)
{
	cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
}

static inline void write_text(const char *path, const char *text)
{
	write_file(path, text, strlen(text));
}

static inline void patch_file(const char *path, off_t offset, const void *bytes, size_t length)
{
	cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, length, offset), length);
}

static inline void assert_file_holds(const char *path, const char *text)
{
	cleanup_strbuf struct strbuf have = {0};
	struct err err;

	assert_ok(file_read(path, 1 << 20, &have, &err));
	assert_string_equal(have.text, text);
}

/* --- programs --- */

/* Runs a program that must succeed; its output stays until the end of the test. */
static inline const char *run_argv(const char *const *argv)
{
	struct command command = {.argv = argv, .timeout_ms = 30000, .output_max = 1 << 20};
	struct strbuf output = {0};
	struct err err;

	assert_ok(command_run(&command, &output, &err));
	return keep(strbuf_steal(&output));
}

#define run(...) run_argv((const char *const[]){__VA_ARGS__, NULL})

static inline void make_qcow2(const char *path, const char *size)
{
	run("qemu-img", "create", "-q", "-f", "qcow2", path, size);
}

static inline void make_overlay(const char *path, const char *backing, const char *format)
{
	run("qemu-img", "create", "-q", "-f", "qcow2", "-b", backing, "-F", format, path);
}

/* A qemu-io that holds an image open. */
struct holder {
	pid_t pid;
	int in;
};

static inline struct holder hold(const char *path, const char *format, bool for_writing)
{
	int in[2], out[2];
	char part[64];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		if (for_writing)
			execlp("qemu-io", "qemu-io", "-f", format, path, NULL);
		else
			execlp("qemu-io", "qemu-io", "-r", "-f", format, path, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	/* Its prompt comes when the image is open. */
	assert_true(pid > 0 && read(out[0], part, sizeof(part)) > 0);
	close(out[0]);
	return (struct holder){pid, in[1]};
}

static inline void let_go(struct holder holder)
{
	kill(holder.pid, SIGKILL);
	close(holder.in);
	waitpid(holder.pid, NULL, 0);
}

#define run_as_tap(tests) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

#endif
