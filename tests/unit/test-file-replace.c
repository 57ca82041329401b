/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replacing a file gives it whole, with its mode, and leaves nothing else behind; a failure changes
 * nothing. */
#include "tests/unit/image-fixture.h"
#include "tests/unit/full-disk-fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>

static void assert_only(const char *names)
{
	assert_string_equal(run("find", scratch, "-mindepth", "1", "-printf", "%P\\n"), names);
}

static void assert_mode(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, mode);
}

static void test_new_file(void **state)
{
	struct err err;

	(void)state;
	assert_ok(file_replace(at("a"), "text", 4, 0640, &err));
	assert_file_holds(at("a"), "text");
	assert_mode(at("a"), 0640);
	assert_only("a\n");
}

static void test_umask_does_not_count(void **state)
{
	struct err err;
	mode_t before = umask(0777);

	(void)state;
	int rc = file_replace(at("a"), "text", 4, 0644, &err);
	umask(before);
	assert_ok(rc);
	assert_mode(at("a"), 0644);
}

static void test_replaced_by_shorter(void **state)
{
	struct err err;
	struct stat before, after;

	(void)state;
	write_text(at("a"), "a long text");
	assert_int_equal(stat(at("a"), &before), 0);
	assert_ok(file_replace(at("a"), "b", 1, 0600, &err));
	assert_file_holds(at("a"), "b");
	assert_mode(at("a"), 0600);
	/* Never the old file itself: who has it open goes on reading the old text. */
	assert_int_equal(stat(at("a"), &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_only("a\n");
}

static void test_empty(void **state)
{
	struct err err;
	struct stat st;

	(void)state;
	assert_ok(file_replace(at("a"), NULL, 0, 0600, &err));
	assert_int_equal(stat(at("a"), &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void test_link_is_replaced_not_followed(void **state)
{
	struct err err;

	(void)state;
	write_text(at("target"), "precious");
	assert_int_equal(symlink("target", at("a")), 0);
	assert_ok(file_replace(at("a"), "new", 3, 0600, &err));
	assert_mode(at("a"), 0600);
	assert_file_holds(at("target"), "precious");
}

static void test_failures(void **state)
{
	struct err err;

	(void)state;
	assert_fails(file_replace(at("none/a"), "x", 1, 0600, &err), ENOENT,
		     keep(xasprintf("write '%s'", at("none/a"))));
	assert_int_equal(mkdir(at("folder"), 0700), 0);
	assert_fails(file_replace(at("folder"), "x", 1, 0600, &err), EISDIR,
		     keep(xasprintf("write '%s'", at("folder"))));
	assert_only("folder\n");
}

/* While one process replaces it again and again, another reads the one text or the other. */
static void test_a_reader_never_sees_a_part(void **state)
{
	static char texts[2][20000];
	const char *path = at("a");
	struct err err;

	(void)state;
	memset(texts[0], 'a', sizeof(texts[0]));
	memset(texts[1], 'b', sizeof(texts[1]));
	assert_ok(file_replace(path, texts[0], sizeof(texts[0]), 0600, &err));
	pid_t writer = fork();
	if (writer == 0) {
		for (int i = 0; i < 50; i++)
			file_replace(path, texts[i % 2], sizeof(texts[0]), 0600, &err);
		_exit(0);
	}
	while (waitpid(writer, NULL, WNOHANG) == 0) {
		cleanup_strbuf struct strbuf have = {0};
		assert_ok(file_read(path, sizeof(texts[0]), &have, &err));
		assert_int_equal(have.length, sizeof(texts[0]));
		assert_memory_equal(have.text, texts[have.text[0] == 'b'], have.length);
	}
	assert_only("a\n");
}

/* Whoever looks while a file is replaced sees no other name with a comma: iscsiadm would take that
 * for a node record. */
static void test_no_other_name_with_a_comma(void **state)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	cleanup_close int watch = inotify_init1(IN_CLOEXEC);
	const char *path = at("::1,3260");
	struct err err;
	int names = 0;

	(void)state;
	write_text(path, "old");
	assert_true(inotify_add_watch(watch, scratch, IN_CREATE | IN_MOVED_FROM) >= 0);
	assert_ok(file_replace(path, "new", 3, 0600, &err));
	ssize_t length = read(watch, events, sizeof(events));
	for (ssize_t i = 0; i < length; names++) {
		const struct inotify_event *event = (const void *)(events + i);
		assert_null(strchr(event->name, ','));
		i += (ssize_t)(sizeof(*event) + event->len);
	}
	assert_in_range(names, 1, 9);
}

static bool has_nameless_files(void)
{
	int fd = open("/var/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Of a process that is killed at any moment while it writes new files nothing but whole files
 * stays.
 */
static void test_killed(void **state)
{
	(void)state;
	for (int round = 0; round < 30; round++) {
		pid_t writer = fork();
		if (writer == 0) {
			struct err err;
			for (int i = 0;; i++)
				file_replace(keep(xasprintf("%s/%d.%d", scratch, round, i)), "text",
					     4, 0600, &err);
		}
		usleep(2000 + 313 * (useconds_t)round);
		assert_int_equal(kill(writer, SIGKILL), 0);
		assert_int_equal(waitpid(writer, NULL, 0), writer);
	}
	assert_string_equal(run("find", scratch, "-name", ".*"), "");
	assert_string_equal(run("find", scratch, "-type", "f", "!", "-size", "4c"), "");
}

/* Wherever the disk is full, the old text stays and nothing lies beside it. */
static void test_full_disk(void **state)
{
	static const char text[] = "a longer text";
	size_t kept_before = kept_count;
	struct err err;

	(void)state;
	write_text(at("a"), "old");
	for (size_t room = 0; room < strlen(text); room++) {
		fill_disk_at(room);
		int rc = file_replace(at("a"), text, strlen(text), 0600, &err);
		make_room_again();
		assert_int_equal(rc, -EFBIG);
		assert_file_holds(at("a"), "old");
		assert_only("a\n");
		while (kept_count > kept_before)
			free(kept[--kept_count]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_new_file),
		scratch_test(test_umask_does_not_count),
		scratch_test(test_replaced_by_shorter),
		scratch_test(test_empty),
		scratch_test(test_link_is_replaced_not_followed),
		scratch_test(test_failures),
		scratch_test(test_a_reader_never_sees_a_part),
		scratch_test(test_no_other_name_with_a_comma),
		scratch_test(test_full_disk),
		needing(has_nameless_files(), "a file system with O_TMPFILE",
			scratch_test(test_killed)),
	};

	return run_as_tap(tests);
}
