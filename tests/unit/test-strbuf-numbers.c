/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text becomes a number only if it is one: decimal digits, no more than 64 bits. */
#include "tests/unit/image-fixture.h"

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned long long value;
	} good[] = {
		{"0", 0},
		{"7", 7},
		{"007", 7},
		{"9223372036854775808", 9223372036854775808u},
		{"18446744073709551615", 18446744073709551615u},
		{"00000000000000000000000000000000000000000000000042", 42},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		unsigned long long value = 1;
		if (!str_to_u64(good[i].text, &value) || value != good[i].value)
			fail_msg("'%s' gave %llu", good[i].text, value);
	}
}

static void test_everything_else(void **state)
{
	static const char *const bad[] = {
		"",     "-1",  "+1",       " 1", "1 ",  "1\n",
		"0x10", "1.0", "1e3",      "1k", "one", "18446744073709551616",
		"1,5",  "\t1", "--1",      "1-", "''",  "99999999999999999999999999",
		"- 1",  "0b1", "\xd9\xa1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		unsigned long long value = 12345;
		if (str_to_u64(bad[i], &value))
			fail_msg("'%s' gave %llu", bad[i], value);
		assert_int_equal(value, 12345);
	}
}

static void test_an_earlier_error_does_no_harm(void **state)
{
	unsigned long long value;

	(void)state;
	errno = ERANGE;
	assert_true(str_to_u64("5", &value));
	assert_int_equal(value, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_everything_else),
		cmocka_unit_test(test_an_earlier_error_does_no_harm),
	};

	return run_as_tap(tests);
}
