/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-2-4-128 is the one that others compute: the answers are its authors' and OpenSSL's. */
#include "test-xml-data.h"

#include "plugin/siphash.h"

static void test_known_answers(void **state)
{
	static const struct {
		size_t length;
		const char *answer;
	} table[] = {
		{0, "a3817f04ba25a8e66df67214c7550293"},
		{1, "da87c1d86b99af44347659119b22fc45"},
		{15, "5493e99933b0a8117e08ec0f97cfc3d9"},
		{63, "5150d1772f50834a503e069a973fbd7c"},
	};
	unsigned char key[SIPHASH_BYTES], text[64], answer[SIPHASH_BYTES];
	char digits[2 * SIPHASH_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
	memcpy(key, text, sizeof(key));
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		siphash(key, text, table[i].length, answer);
		for (size_t j = 0; j < sizeof(answer); j++)
			snprintf(digits + 2 * j, 3, "%02x", answer[j]);
		assert_string_equal(digits, table[i].answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_answers)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
