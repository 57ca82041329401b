/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of fields gives back what was put into it, and a key finds its own value only. */
#include "tests/unit/image-fixture.h"

#include "hooks/records/fields.h"

static void test_put_and_read_back(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	struct fields line;
	uint64_t number = 0;

	(void)state;
	strbuf_puts(&text, "word");
	field_put(&text, "path", "/a b/c=d,'\"%s \xc3\xa4");
	field_put(&text, "absent", NULL);
	field_put(&text, "empty", "");
	field_put_u64(&text, "number", UINT64_MAX);
	fields_split(&line, text.text);
	assert_string_equal(line.word, "word");
	assert_int_equal(line.count, 3);
	assert_string_equal(field(&line, "path"), "/a b/c=d,'\"%s \xc3\xa4");
	assert_string_equal(field(&line, "empty"), "");
	assert_null(field(&line, "absent"));
	assert_true(field_u64(&line, "number", &number));
	assert_true(number == UINT64_MAX);
}

static void test_keys_are_whole(void **state)
{
	char text[] = "word\tpathological=1\tpath=2\tpat=3\t=4\tx";
	struct fields line;

	(void)state;
	fields_split(&line, text);
	assert_string_equal(field(&line, "path"), "2");
	assert_string_equal(field(&line, "pat"), "3");
	assert_null(field(&line, "x"));
	assert_null(field(&line, "word"));
}

static void test_the_first_of_two_counts(void **state)
{
	char text[] = "word\ta=1\ta=2";
	struct fields line;

	(void)state;
	fields_split(&line, text);
	assert_string_equal(field(&line, "a"), "1");
}

static void test_numbers(void **state)
{
	char text[] = "word\ta=x\tb=\tc=-1\td=18446744073709551616\te=7";
	uint64_t number = 42;
	struct fields line;

	(void)state;
	fields_split(&line, text);
	for (const char *key = "abcdz"; *key; key++) {
		char one[] = {*key, '\0'};
		assert_false(field_u64(&line, one, &number));
		assert_int_equal(number, 42);
	}
	assert_true(field_u64(&line, "e", &number));
	assert_int_equal(number, 7);
}

static void test_odd_lines(void **state)
{
	cleanup_strbuf struct strbuf many = {0};
	struct fields line;

	(void)state;
	fields_split(&line, (char[]){""});
	assert_string_equal(line.word, "");
	assert_int_equal(line.count, 0);
	strbuf_puts(&many, "word");
	for (uint64_t i = 0; i < FIELDS_MAX + 5; i++)
		field_put_u64(&many, keep(xasprintf("k%d", (int)i)), i);
	fields_split(&line, many.text);
	assert_int_equal(line.count, FIELDS_MAX);
	assert_string_equal(field(&line, "k15"), "15");
	assert_null(field(&line, "k16"));
	while (kept_count)
		free(kept[--kept_count]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_and_read_back),
		cmocka_unit_test(test_keys_are_whole),
		cmocka_unit_test(test_the_first_of_two_counts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_odd_lines),
	};

	return run_as_tap(tests);
}
