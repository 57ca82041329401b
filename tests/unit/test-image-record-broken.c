/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record that can't be understood is an error, and stays as it is. */
#include "tests/unit/site-fixture.h"

#include "hooks/records/image_record.h"

#define HEAD "berth-images\t1\n"
#define NUMBERS "\tdevice=1\tinode=2\tbirth-ns=3\tmtime-ns=4\tsize-bytes=5\tsince=6"

static int record_setup(void **state)
{
	struct err err;

	return site_setup(state) < 0 ? -1 : file_make_folders(at("state/images"), 0700, &err);
}

static void assert_refused(const char *text)
{
	struct image_record *record = NULL;
	struct err err;

	write_text(at("state/images/" UUID), text);
	assert_fails(image_record_load(&site, UUID, &record, &err), EBADMSG, "");
	assert_string_equal(
		err.text, keep(xasprintf("record '%s' is not understood; is it from a newer berth?",
					 at("state/images/" UUID))));
	assert_null(record);
	assert_file_holds(at("state/images/" UUID), text);
}

static void test_broken(void **state)
{
	static const char *const texts[] = {
		"\n",
		"garbage\n",
		"berth-images\t2\n",
		HEAD "wormhole\n",
		HEAD "image\n",
		HEAD "image\tpath=/a\tstate=resident\tmade=1\n",
		HEAD "image\tstate=resident\tmade=1" NUMBERS "\n",
		HEAD "image\tpath=/a\tmade=1" NUMBERS "\n",
		HEAD "image\tpath=/a\tstate=lost\tmade=1" NUMBERS "\n",
		HEAD "image\tpath=/a\tstate=resident" NUMBERS "\n",
		HEAD "image\tpath=/a\tstate=resident\tmade=yes" NUMBERS "\n",
		HEAD "image\tpath=/a\tstate=resident\tmade=1" NUMBERS "x\n",
		HEAD "guest\tname=vm1\nimage\tpath=/a\tstate=resident\tmade=1" NUMBERS "\nimage\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i]);
}

static void test_empty(void **state)
{
	struct image_record *record = NULL;
	struct err err;

	(void)state;
	write_text(at("state/images/" UUID), "");
	assert_fails(image_record_load(&site, UUID, &record, &err), EBADMSG, "is not understood");
}

/* So that the table above fails for the reason that it is about. */
static void test_a_whole_one(void **state)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	(void)state;
	write_text(at("state/images/" UUID),
		   HEAD "guest\tname=vm1\nimage\tpath=/a\tstate=aside\tmade=0" NUMBERS "\n");
	assert_ok(image_record_load(&site, UUID, &record, &err));
	assert_int_equal(record->count, 1);
	assert_int_equal(record->images[0].state, IMAGE_ASIDE);
	assert_int_equal(record->images[0].since, 6);
}

#define record_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, record_setup, scratch_teardown))

int main(void)
{
	const struct CMUnitTest tests[] = {
		record_test(test_broken),
		record_test(test_empty),
		record_test(test_a_whole_one),
	};

	return run_as_tap(tests);
}
