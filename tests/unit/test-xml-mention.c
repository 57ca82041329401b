/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking for a name in XML without parsing misses it in no way that it can be written. */
#include "tests/unit/test-xml-data.h"

#include "xml/mention.h"

static bool may_mention(const char *text, size_t length)
{
	/* Exactly that long: nothing behind it may be looked at (SANITIZE=1). */
	cleanup_free char *copy = xcalloc(1, length + 1);

	memcpy(copy, text, length);
	copy = xreallocarray(copy, length ? length : 1, 1);
	return xml_may_mention(copy, length, "urn:berth:");
}

static void test_texts(void **state)
{
	static const struct {
		const char *text;
		bool may;
	} rows[] = {
		{"<a xmlns='urn:berth:policy:1'/>", true},
		{"<a xmlns='urn&#58;berth:policy:1'/>", true},
		{"<a xmlns='urn&#x3a;berth:policy:1'/>", true},
		{"<a xmlns='urn&#x000000003A;berth:policy:1'/>", true},
		{"<a xmlns='u&#114;n:berth:policy:1'/>", true},
		{"<!DOCTYPE a [<!ENTITY b 'urn'>]><a xmlns='&b;:berth'/>", true},
		{"<?xml version='1.0' encoding='UTF-7'?><a/>", true},
		{"<a>&#z;</a>", true},
		{"", false},
		{"<a/>", false},
		{"<a>&#", false},
		{"<a>&#x", false},
		{"<a b='urn:bert'/>", false},
		{"<a>&#xe9;&#233;&#10;&#x9;&#13;&#x1F600;</a>", false},
		{"<a>&amp;#58;</a>", false},
		{"<?xml version='1.0' encoding='UTF-8'?><a/>", false},
		{"<?xml version='1.0'?><a/>", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool may = may_mention(rows[i].text, strlen(rows[i].text));
		if (may != rows[i].may)
			fail_msg("'%s' gave %d", rows[i].text, may);
	}
	assert_true(may_mention("<\0a\0/\0>\0", 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
