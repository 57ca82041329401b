/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An error keeps its code, and context goes before it on its way up: outer to inner. */
#include "tests/unit/image-fixture.h"

static void test_set_returns_the_code(void **state)
{
	struct err err = {99, "old words"};

	(void)state;
	assert_int_equal(err_set(&err, EINVAL, "size '%d' is %s", 7, "odd"), -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_string_equal(err.text, "size '7' is odd");
}

static void test_outer_to_inner(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ESTALE, "exists; remove it");
	assert_int_equal(err_wrap(&err, "image '%s'", "/srv/a"), -ESTALE);
	assert_int_equal(err_wrap(&err, "disk '%s'", "vda"), -ESTALE);
	assert_int_equal(err.code, ESTALE);
	assert_string_equal(err.text, "disk 'vda': image '/srv/a': exists; remove it");
}

/* What was formatted is never read as a format again. */
static void test_percent_signs_stay(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, EIO, "%s", "100%n%s");
	err_wrap(&err, "%s", "%d%s");
	assert_string_equal(err.text, "%d%s: 100%n%s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_returns_the_code),
		cmocka_unit_test(test_outer_to_inner),
		cmocka_unit_test(test_percent_signs_stay),
	};

	return run_as_tap(tests);
}
