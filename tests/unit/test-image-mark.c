/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is noted on an image itself: whose it was, and only while it is as it was. */
#include "tests/unit/site-fixture.h"

#include <sys/xattr.h>

#include "hooks/records/image_mark.h"

static struct image_record *record_of(const char *uuid)
{
	struct image_record *record = NULL;
	struct err err;

	assert_ok(image_record_load(&site, uuid, &record, &err));
	return record;
}

static bool adopted(const char *uuid, const char *path)
{
	cleanup_image_record struct image_record *record = record_of(uuid);

	return image_mark_adopt(record, path);
}

static int settle(char *path, struct err *err)
{
	struct place place = {.kind = PLACE_PATH, .value = path};
	struct domain_disk disk = {.target = "vda", .device = "disk", .type = DISK_FILE};
	struct domain domain = {.name = "vm1", .uuid = UUID, .places = &place, .disks = &disk};

	domain.place_count = domain.disk_count = 1;
	return image_marks_settle(&site, &domain, err);
}

static char *marked(const char *name, const char *uuid)
{
	char *path = (char *)at(name);
	struct err err;

	write_text(path, "what the guest wrote");
	assert_ok(image_mark_set(path, uuid, true, &err));
	return path;
}

static void test_adopted(void **state)
{
	(void)state;
	const char *path = marked("a", UUID);
	cleanup_image_record struct image_record *record = record_of(UUID);
	assert_true(image_mark_adopt(record, path));
	const struct known_image *image = image_record_find(record, path);
	assert_int_equal(image->state, IMAGE_DEPARTED);
	assert_true(image->made);
	assert_true(known_image_is_unchanged(image));
	assert_false(image_mark_adopt(record, path)); /* it knows */
	assert_false(adopted(OTHER_UUID, path));
	image_mark_remove(path);
	assert_false(adopted(UUID, path));
}

static void test_written_since(void **state)
{
	(void)state;
	const char *path = marked("a", UUID);
	write_text(path, "something else ------");
	assert_false(adopted(UUID, path));
}

static void test_not_understood(void **state)
{
	static const char *const texts[] = {
		"departed",
		"departed\tuuid=..",
		"departed\tuuid=" UUID "\tmade=1\tmtime-ns=1\tsize-bytes=20",
		"departed\tuuid=../../../../../etc/shadow/../../../"
		"x\tmade=1\tmtime-ns=1\tsize-bytes=20\tsince=1",
	};

	(void)state;
	char *path = marked("a", UUID);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct err err;
		assert_int_equal(setxattr(path, IMAGE_MARK, texts[i], strlen(texts[i]), 0), 0);
		assert_false(adopted(UUID, path));
		assert_ok(settle(path, &err));
	}
}

/* Whichever domain starts: it is the record of the guest that has left that gets to know. */
static void test_settled(void **state)
{
	struct err err;

	(void)state;
	char *path = marked("a", OTHER_UUID);
	assert_ok(settle(path, &err));
	cleanup_image_record struct image_record *record = record_of(OTHER_UUID);
	assert_int_equal(image_record_find(record, path)->state, IMAGE_DEPARTED);
	assert_int_equal(getxattr(path, IMAGE_MARK, NULL, 0), -1);
}

static void test_cannot_be_noted(void **state)
{
	struct err err;

	(void)state;
	char *path = marked("a", UUID);
	site.state = at("a/no-folder");
	assert_true(settle(path, &err) < 0);
	assert_non_null(strstr(err.text, "is stale, for its guest has left this host"));
	assert_true(getxattr(path, IMAGE_MARK, NULL, 0) > 0);
}

#define marks_test(f) needing(geteuid() == 0, "root", site_test(f))

int main(void)
{
	const struct CMUnitTest tests[] = {
		marks_test(test_adopted),         marks_test(test_written_since),
		marks_test(test_not_understood),  marks_test(test_settled),
		marks_test(test_cannot_be_noted),
	};

	return run_as_tap(tests);
}
