/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stale image counts as such only while it is the very file that the guest left, as it left it.
 */
#include "tests/unit/site-fixture.h"

#include "hooks/records/image_record.h"

/* An image as it was noted, also through the file of the record. */
static struct image_record *noted(void)
{
	struct image_record *record = NULL, *again = NULL;
	struct err err;

	write_text(at("a.img"), "the guest's data");
	assert_ok(image_record_load(&site, UUID, &record, &err));
	assert_ok(image_record_note(record, at("a.img"), IMAGE_DEPARTED, true, &err));
	assert_ok(image_record_save(&site, record, &err));
	image_record_freep(&record);
	assert_ok(image_record_load(&site, UUID, &again, &err));
	return again;
}

static struct timespec mtime_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mtim;
}

static void set_mtime(const char *path, struct timespec mtime)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, mtime};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void assert_unchanged(const struct image_record *record, bool unchanged)
{
	assert_int_equal(known_image_is_unchanged(&record->images[0]), unchanged);
}

static void test_left_alone(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted();
	assert_unchanged(record, true);
	assert_int_equal(chmod(at("a.img"), 0640), 0);
	assert_int_equal(link(at("a.img"), at("b.img")), 0);
	assert_unchanged(record, true);
}

static void test_other_content(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted();
	usleep(20000);
	patch_file(at("a.img"), 3, "X", 1);
	assert_unchanged(record, false);
}

static void test_other_size(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted();
	struct timespec mtime = mtime_of(at("a.img"));
	assert_int_equal(truncate(at("a.img"), 3), 0);
	set_mtime(at("a.img"), mtime);
	assert_unchanged(record, false);
}

static void test_other_mtime(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted();
	struct timespec mtime = mtime_of(at("a.img"));
	set_mtime(at("a.img"), (struct timespec){mtime.tv_sec, mtime.tv_nsec ^ 1});
	assert_unchanged(record, false);
	set_mtime(at("a.img"), mtime);
	assert_unchanged(record, true);
}

/* On ext4 the new file mostly gets the inode number of the removed one. */
static void test_replaced(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted();
	struct timespec mtime = mtime_of(at("a.img"));
	for (int i = 0; i < 10; i++) {
		unlink(at("a.img"));
		write_text(at("a.img"), "the guest's data");
		set_mtime(at("a.img"), mtime);
		assert_unchanged(record, false);
	}
}

static void test_gone(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted();
	assert_int_equal(rename(at("a.img"), at("b.img")), 0);
	assert_unchanged(record, false);
	assert_int_equal(symlink("b.img", at("a.img")), 0);
	assert_unchanged(record, false);
	unlink(at("a.img"));
	assert_int_equal(rename(at("b.img"), at("a.img")), 0);
	assert_unchanged(record, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_left_alone), site_test(test_other_content),
		site_test(test_other_size), site_test(test_other_mtime),
		site_test(test_replaced),   site_test(test_gone),
	};

	return run_as_tap(tests);
}
