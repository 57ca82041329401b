/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text that is too long for an error is cut and says so by "..."; one that just fits is whole. */
#include "tests/unit/image-fixture.h"

#define FITS (sizeof(((struct err *)0)->text) - 1)

/* @length times an 'x'. */
static const char *long_text(size_t length)
{
	char *text = xcalloc(1, length + 1);

	memset(text, 'x', length);
	return keep(text);
}

static void assert_cut(const struct err *err, const char *start)
{
	assert_int_equal(strlen(err->text), FITS);
	assert_true(str_starts(err->text, start));
	assert_string_equal(err->text + FITS - 4, "x...");
}

static void test_what_fits_is_whole(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, EIO, "%s", long_text(FITS));
	assert_string_equal(err.text, long_text(FITS));
	err_set(&err, EIO, "%s", long_text(FITS - 3));
	err_wrap(&err, "a");
	assert_int_equal(strlen(err.text), FITS);
	assert_string_equal(err.text + 3, long_text(FITS - 3));
}

static void test_too_long(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, EIO, "%s", long_text(FITS + 1));
	assert_cut(&err, "xxx");
	err_set(&err, EIO, "%s", long_text(100000));
	assert_cut(&err, "xxx");
}

static void test_too_long_with_context(void **state)
{
	struct err err;

	(void)state;
	for (size_t length = FITS - 2; length <= FITS; length++) {
		err_set(&err, EIO, "%s", long_text(length));
		assert_int_equal(err_wrap(&err, "a"), -EIO);
		assert_cut(&err, "a: xxx");
	}
	err_wrap(&err, "b");
	assert_cut(&err, "b: a: xxx");
}

static void test_context_alone_is_too_long(void **state)
{
	struct err err;

	(void)state;
	for (size_t length = FITS - 3; length <= FITS + 3; length++) {
		err_set(&err, EIO, "inner");
		assert_int_equal(err_wrap(&err, "%s", long_text(length)), -EIO);
		assert_int_equal(strlen(err.text), FITS);
		assert_string_equal(err.text + FITS - 3, "...");
	}
}

static int free_texts(void **state)
{
	(void)state;
	while (kept_count)
		free(kept[--kept_count]);
	return 0;
}

#define text_test(f) cmocka_unit_test_teardown(f, free_texts)

int main(void)
{
	const struct CMUnitTest tests[] = {
		text_test(test_what_fits_is_whole),
		text_test(test_too_long),
		text_test(test_too_long_with_context),
		text_test(test_context_alone_is_too_long),
	};

	return run_as_tap(tests);
}
