/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing string holds what was put into it, whatever its length, and can be handed on. */
#include "tests/unit/image-fixture.h"

static void test_every_length(void **state)
{
	cleanup_strbuf struct strbuf buf = {0};

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		char c = (char)('a' + i % 26);
		strbuf_add(&buf, &c, 1);
		assert_int_equal(buf.length, i + 1);
		assert_int_equal(buf.text[i], c);
		assert_int_equal(buf.text[i + 1], '\0');
		assert_int_equal(buf.text[i / 2], 'a' + i / 2 % 26);
	}
}

static void test_all_ways_to_append(void **state)
{
	cleanup_strbuf struct strbuf buf = {0};

	(void)state;
	strbuf_puts(&buf, "");
	assert_string_equal(buf.text, "");
	strbuf_puts(&buf, "one ");
	strbuf_printf(&buf, "%d%s", 2, " ");
	strbuf_add(&buf, "th\0ree", 6);
	assert_int_equal(buf.length, 12);
	assert_memory_equal(buf.text, "one 2 th\0ree", 13);
}

static void test_long_format(void **state)
{
	cleanup_strbuf struct strbuf buf = {0};

	(void)state;
	strbuf_puts(&buf, "-");
	strbuf_printf(&buf, "%0100000d", 7);
	assert_int_equal(buf.length, 100001);
	assert_int_equal(buf.text[100000], '7');
}

static void test_steal(void **state)
{
	cleanup_strbuf struct strbuf buf = {0};

	(void)state;
	cleanup_free char *nothing = strbuf_steal(&buf);
	assert_string_equal(nothing, "");
	strbuf_puts(&buf, "first");
	cleanup_free char *first = strbuf_steal(&buf);
	assert_null(buf.text);
	strbuf_puts(&buf, "second");
	assert_string_equal(first, "first");
	assert_string_equal(buf.text, "second");
	assert_int_equal(buf.length, 6);
}

static void test_comparing(void **state)
{
	(void)state;
	assert_true(str_equal(NULL, NULL));
	assert_true(str_equal("a", "a"));
	assert_false(str_equal("a", NULL));
	assert_false(str_equal(NULL, ""));
	assert_false(str_equal("a", "ab"));
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("a", "ab"));
	assert_null(xstrdup(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length), cmocka_unit_test(test_all_ways_to_append),
		cmocka_unit_test(test_long_format),  cmocka_unit_test(test_steal),
		cmocka_unit_test(test_comparing),
	};

	return run_as_tap(tests);
}
