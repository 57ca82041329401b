/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits that can't be done are refused with a reason, and nothing is written. */
#include "test-xml-data.h"

#include <errno.h>

#include "xml/rewrite.h"

static const char sample[] = "<a><b c='1'>text</b><d><e/></d></a>";

static void refuses_in(const char *text, const struct xml_edit *edits, size_t count, int code,
		       const char *wanted)
{
	cleanup_strbuf struct strbuf out = {0};
	struct err err = {0};

	strbuf_puts(&out, "before");
	assert_int_equal(xml_rewrite(text, strlen(text), edits, count, &out, &err), -code);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, wanted);
	assert_string_equal(out.text, "before");
}

static void refuses(struct xml_edit edit, int code, const char *wanted)
{
	refuses_in(sample, &edit, 1, code, wanted);
}

static void test_wrong_places(void **state)
{
	(void)state;
	refuses((struct xml_edit){4, "x", "1"}, ENOENT,
		"element 4, attribute 'x': no such element");
	refuses((struct xml_edit){4, NULL, "1"}, ENOENT, "element 4, text '1': no such element");
	refuses((struct xml_edit){2, NULL, "1"}, EINVAL,
		"element 2, text '1': the element has child elements");
}

static void test_wrong_attributes(void **state)
{
	static const char *const wrong[] = {"", "xmlns", "xmlns:x", "a b", "a='1' b", "a>", "\xff"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		cleanup_free char *text =
			xasprintf("element 1, attribute '%s': this attribute can't be set",
				  strcmp(wrong[i], "\xff") == 0 ? "?" : wrong[i]);
		refuses((struct xml_edit){1, wrong[i], "1"}, EINVAL, text);
	}
	refuses((struct xml_edit){1, "1a", "1"}, EBADMSG,
		"rewritten XML: line 1: error parsing attribute name");
}

static void test_wrong_values(void **state)
{
	(void)state;
	refuses((struct xml_edit){1, "c", "\x01"}, EINVAL,
		"element 1, attribute 'c': the value can't stand in XML");
	refuses((struct xml_edit){1, "c", "\xc3"}, EINVAL,
		"element 1, attribute 'c': the value can't stand in XML");
	refuses((struct xml_edit){1, NULL, "\xef\xbf\xbe"}, EINVAL,
		"element 1, text '\xef\xbf\xbe': the value can't stand in XML");
}

static void test_one_spot_twice(void **state)
{
	const struct xml_edit attributes[] = {{1, "c", "1"}, {2, "c", "2"}, {1, "c", "1"}};
	const struct xml_edit texts[] = {{1, NULL, "1"}, {1, NULL, "2"}};

	(void)state;
	refuses_in(sample, attributes, ARRAY_SIZE(attributes), EEXIST,
		   "element 1, attribute 'c': is edited twice");
	refuses_in(sample, texts, ARRAY_SIZE(texts), EEXIST,
		   "element 1, text '2': is edited twice");
}

static void test_broken_texts(void **state)
{
	const struct xml_edit edit = {1, NULL, "x"};

	(void)state;
	refuses_in("<a><b", &edit, 1, EBADMSG, "element 1, text 'x': not well-formed");
	refuses_in("<a><b>", &edit, 1, EBADMSG, "element 1, text 'x': the XML ends too early");
	refuses_in("<a><b></c></a>", &edit, 1, EBADMSG,
		   "rewritten XML: line 1: Opening and ending tag mismatch: b line 1 and c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_places), cmocka_unit_test(test_wrong_attributes),
		cmocka_unit_test(test_wrong_values), cmocka_unit_test(test_one_spot_twice),
		cmocka_unit_test(test_broken_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
