/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image record of a guest: what was noted is found again, also by the next program. */
#include "tests/unit/site-fixture.h"

#include <time.h>

#include "hooks/records/image_record.h"

#define ODD_NAME "a b=c,'\"%s\xc3\xa4=.img"

static struct image_record *load(void)
{
	struct image_record *record = NULL;
	struct err err;

	assert_ok(image_record_load(&site, UUID, &record, &err));
	assert_string_equal(record->uuid, UUID);
	return record;
}

static void note(struct image_record *record, const char *name, enum image_state state, bool made)
{
	struct err err;

	if (!exists(at(name)))
		write_text(at(name), name);
	assert_ok(image_record_note(record, at(name), state, made, &err));
}

static void save(const struct image_record *record)
{
	struct err err;

	assert_ok(image_record_save(&site, record, &err));
}

static void assert_same_image(const struct known_image *a, const struct known_image *b)
{
	assert_non_null(a);
	assert_string_equal(a->path, b->path);
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->made, b->made);
	assert_true(a->mtime_ns == b->mtime_ns);
	assert_int_equal(a->size_bytes, b->size_bytes);
	assert_int_equal(a->since, b->since);
	assert_string_equal(a->copy ? a->copy : "", b->copy ? b->copy : "");
	assert_string_equal(a->superseded ? a->superseded : "", b->superseded ? b->superseded : "");
	assert_int_equal(a->doubtful, b->doubtful);
}

static void test_nothing_known(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = load();
	assert_int_equal(record->count, 0);
	assert_null(record->name);
	assert_null(image_record_find(record, "/a"));
	save(record);
	assert_string_equal(files_below(scratch), "");
}

static void test_saved_and_loaded(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = load();
	record->name = xstrdup("vm 1=\"\xc3\xa4");
	note(record, "a.img", IMAGE_RESIDENT, true);
	note(record, "b.img", IMAGE_DEPARTED, false);
	note(record, ODD_NAME, IMAGE_ASIDE, true);
	image_record_find(record, at("a.img"))->copy = xstrdup(TOKEN);
	image_record_find(record, at("a.img"))->superseded = xstrdup(TOKEN " " TOKEN);
	image_record_find(record, at("b.img"))->doubtful = true;
	save(record);
	cleanup_image_record struct image_record *again = load();
	assert_string_equal(again->name, record->name);
	assert_int_equal(again->count, 3);
	for (size_t i = 0; i < record->count; i++)
		assert_same_image(image_record_find(again, record->images[i].path),
				  &record->images[i]);
	assert_int_equal(image_record_find(again, at("b.img"))->state, IMAGE_DEPARTED);
	assert_false(image_record_find(again, at("b.img"))->made);
	assert_true(image_record_find(again, at(ODD_NAME))->made);
}

static void test_what_is_noted(void **state)
{
	struct stat st;

	(void)state;
	cleanup_image_record struct image_record *record = load();
	time_t earliest = time(NULL);
	note(record, "a.img", IMAGE_DEPARTED, false);
	const struct known_image *image = image_record_find(record, at("a.img"));
	assert_int_equal(stat(at("a.img"), &st), 0);
	assert_int_equal(image->id.device, st.st_dev);
	assert_int_equal(image->id.inode, st.st_ino);
	assert_int_equal(image->size_bytes, 5);
	assert_true(image->mtime_ns ==
		    (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec);
	assert_in_range(image->since, earliest, time(NULL));
}

static void test_noted_again(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = load();
	note(record, "a.img", IMAGE_RESIDENT, true);
	write_text(at("a.img"), "longer than before");
	note(record, "a.img", IMAGE_DEPARTED, false);
	assert_int_equal(record->count, 1);
	assert_int_equal(record->images[0].state, IMAGE_DEPARTED);
	assert_false(record->images[0].made);
	assert_int_equal(record->images[0].size_bytes, 18);
}

static void test_noted_but_gone(void **state)
{
	struct err err;

	(void)state;
	cleanup_image_record struct image_record *record = load();
	note(record, "a.img", IMAGE_RESIDENT, true);
	note(record, "b.img", IMAGE_RESIDENT, true);
	unlink(at("a.img"));
	assert_fails(image_record_note(record, at("a.img"), IMAGE_DEPARTED, true, &err), ENOENT,
		     at("a.img"));
	assert_null(image_record_find(record, at("a.img")));
	assert_non_null(image_record_find(record, at("b.img")));
}

static void test_dropped(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = load();
	note(record, "a.img", IMAGE_RESIDENT, true);
	note(record, "b.img", IMAGE_DEPARTED, true);
	note(record, "c.img", IMAGE_ASIDE, true);
	save(record);
	image_record_drop(record, at("a.img"));
	image_record_drop(record, at("none.img"));
	assert_int_equal(record->count, 2);
	assert_null(image_record_find(record, at("a.img")));
	assert_int_equal(image_record_find(record, at("b.img"))->state, IMAGE_DEPARTED);
	assert_int_equal(image_record_find(record, at("c.img"))->state, IMAGE_ASIDE);
	image_record_drop(record, at("b.img"));
	image_record_drop(record, at("c.img"));
	/* An empty one is no file. */
	save(record);
	assert_string_equal(files_below(site.state), "");
}

static void test_list(void **state)
{
	char **uuids;
	size_t count;
	struct err err;

	(void)state;
	assert_ok(image_record_list(&site, &uuids, &count, &err));
	assert_int_equal(count, 0);
	cleanup_image_record struct image_record *record = load();
	note(record, "a.img", IMAGE_RESIDENT, true);
	save(record);
	write_text(at("state/images/.tmp"), "");
	assert_ok(image_record_list(&site, &uuids, &count, &err));
	assert_int_equal(count, 1);
	assert_string_equal(uuids[0], UUID);
	site_free_uuids(uuids, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_nothing_known),  site_test(test_saved_and_loaded),
		site_test(test_what_is_noted),  site_test(test_noted_again),
		site_test(test_noted_but_gone), site_test(test_dropped),
		site_test(test_list),
	};

	return run_as_tap(tests);
}
