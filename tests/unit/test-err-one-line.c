/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever is formatted into an error, its text is one line without control characters. */
#include "tests/unit/image-fixture.h"

static void test_every_control_character(void **state)
{
	struct err err;

	(void)state;
	for (int c = 1; c < 256; c++) {
		bool control = c < ' ' || c >= 0x7f; /* from 0x80 on: no UTF-8 by itself */
		err_set(&err, EINVAL, "a%cb", c);
		assert_int_equal((unsigned char)err.text[1], control ? '?' : c);
		assert_int_equal(strlen(err.text), 3);
	}
}

static void test_context_too(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, EINVAL, "one\ntwo");
	err_wrap(&err, "vm1\nberth: forged\r\x1b[2J");
	assert_string_equal(err.text, "vm1?berth: forged??[2J: one?two");
}

/* U+0080 to U+009F: a terminal takes U+009B for the start of a command. */
static void test_control_characters_beyond_ascii(void **state)
{
	struct err err;

	(void)state;
	for (int c = 0x80; c < 0xa0; c++) {
		err_set(&err, EINVAL, "a\xc2%cb", c);
		assert_string_equal(err.text, "a??b");
	}
	err_set(&err, EINVAL, "\xc2\xa0\xc3\x9b\xe2\x82\xac");
	assert_string_equal(err.text, "\xc2\xa0\xc3\x9b\xe2\x82\xac");
	err_set(&err, EINVAL, "\xc2");
	assert_string_equal(err.text, "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_control_character),
		cmocka_unit_test(test_context_too),
		cmocka_unit_test(test_control_characters_beyond_ascii),
	};

	return run_as_tap(tests);
}
