/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line that the disk has no room for leaves the journal as it was, wherever it is cut: the next
 * line follows the last whole one, or none may follow any more. */
#include "tests/unit/journal-fixture.h"
#include "tests/unit/full-disk-fixture.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

static void free_kept_since(size_t count)
{
	while (kept_count > count)
		free(kept[--kept_count]);
}

/* What can be appended. */
static int append_done(struct journal *journal, struct err *err)
{
	return journal_steps_done(journal, 1, 2, err);
}

static int append_undone(struct journal *journal, struct err *err)
{
	return journal_step_undone(journal, 1, err);
}

static int append_phase(struct journal *journal, struct err *err)
{
	return journal_set_phase(journal, PHASE_NEVER_RAN, err);
}

typedef int append_fn(struct journal *journal, struct err *err);

/* How many bytes it appends. */
static size_t length_of(append_fn *append)
{
	cleanup_journal struct journal *journal = create();
	size_t before = strlen(journal_text());
	struct err err;

	assert_ok(append(journal, &err));
	size_t length = strlen(journal_text()) - before;
	assert_ok(journal_remove(&journal, &err));
	return length;
}

static void cut_at(append_fn *append, size_t room)
{
	cleanup_journal struct journal *journal = create();
	const char *before = journal_text();
	struct err err;

	fill_disk_at(strlen(before) + room);
	assert_fails(append(journal, &err), EFBIG, journal_path());
	make_room_again();
	assert_string_equal(journal_text(), before);
	assert_false(journal->steps[1].done || journal->steps[1].undone);
	assert_int_equal(journal->phase, PHASE_BUILDING);
	assert_ok(journal_set_phase(journal, PHASE_PREPARED, &err));
	journal_closep(&journal);
	journal = open_again();
	assert_int_equal(journal->phase, PHASE_PREPARED);
	assert_false(journal->steps[1].done || journal->steps[1].undone);
	assert_ok(journal_remove(&journal, &err));
}

static void test_cut_anywhere(void **state)
{
	static append_fn *const appends[] = {append_done, append_undone, append_phase};
	size_t kept_before = kept_count;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(appends); i++) {
		size_t length = length_of(appends[i]);
		assert_in_range(length, 10, 200);
		for (size_t room = 0; room < length; room++) {
			cut_at(appends[i], room);
			free_kept_since(kept_before);
		}
	}
}

static void test_no_room_for_a_new_one(void **state)
{
	struct journal *journal = create();
	size_t length = strlen(journal_text()), kept_before = kept_count;
	struct err err;

	(void)state;
	assert_ok(journal_remove(&journal, &err));
	for (size_t room = 0; room < length; room++) {
		fill_disk_at(room);
		assert_fails(journal_create(&site, &sample_start, &journal, &err), EFBIG, "");
		make_room_again();
		assert_null(journal);
		assert_string_equal(files_below(site.state), "");
		free_kept_since(kept_before);
	}
}

/* A real file system that is full: it fails in the middle of a line, at the end of a page. */
static void test_full_file_system(void **state)
{
	struct err err;
	int rc = 0, lines = 0;

	(void)state;
	assert_int_equal(mkdir(at("state"), 0700), 0);
	assert_int_equal(mount("tmpfs", at("state"), "tmpfs", 0, "size=64k"), 0);
	cleanup_journal struct journal *journal = create();
	cleanup_close int filler = open(at("state/filler"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	static const char block[4096];
	while (write(filler, block, sizeof(block)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	size_t length = 0, before = 0;
	for (; rc == 0 && lines < 200; lines++) {
		before = strlen(journal_text());
		rc = journal_set_phase(journal, PHASE_PREPARED, &err);
		length = strlen(journal_text());
	}
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(length, before);
	assert_int_not_equal(length % sizeof(block), 0);
	assert_int_equal(unlink(at("state/filler")), 0);
	assert_int_equal(ftruncate(filler, 0), 0);
	assert_ok(journal_set_phase(journal, PHASE_NEVER_RAN, &err));
	journal_closep(&journal);
	journal = open_again();
	assert_int_equal(journal->phase, PHASE_NEVER_RAN);
	journal_closep(&journal);
	assert_int_equal(umount2(at("state"), MNT_DETACH), 0);
}

static int set_append_only(int fd, bool on)
{
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -1;
	flags = on ? flags | FS_APPEND_FL : flags & ~FS_APPEND_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

/* Of a file with this attribute nothing is cut off (ioctl_iflags(2)). */
static void test_what_cannot_be_cut_gets_no_further_line(void **state)
{
	cleanup_journal struct journal *journal = create();
	struct err err;

	(void)state;
	fill_disk_at(strlen(journal_text()) + 12);
	assert_int_equal(set_append_only(journal->fd, true), 0);
	int rc = journal_step_undone(journal, 2, &err);
	make_room_again();
	assert_int_equal(set_append_only(journal->fd, false), 0);
	assert_int_equal(rc, -EFBIG);
	const char *torn = journal_text();
	assert_fails(journal_set_phase(journal, PHASE_RAN, &err), EIO, "no line may follow");
	assert_string_equal(journal_text(), torn);
	assert_int_not_equal(torn[strlen(torn) - 1], '\n');
	journal_closep(&journal);
	/* The next one that opens it cuts it. */
	journal = open_again();
	assert_ok(journal_set_phase(journal, PHASE_PREPARED, &err));
	journal_closep(&journal);
	journal = open_again();
	assert_int_equal(journal->phase, PHASE_PREPARED);
}

static bool has_append_only(void)
{
	cleanup_close int fd = open("/var/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	return fd >= 0 && set_append_only(fd, true) == 0 && set_append_only(fd, false) == 0;
}

int main(void)
{
	bool own_mounts = unshare(CLONE_NEWNS) == 0 &&
			  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	const struct CMUnitTest tests[] = {
		site_test(test_cut_anywhere),
		site_test(test_no_room_for_a_new_one),
		needing(own_mounts, "root", site_test(test_full_file_system)),
		needing(has_append_only(), "root and a file system with chattr +a",
			site_test(test_what_cannot_be_cut_gets_no_further_line)),
	};

	return run_as_tap(tests);
}
