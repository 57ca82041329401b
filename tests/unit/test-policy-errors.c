/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A wrong policy is refused in one line, with the line, the element, the attribute and the value.
 */
#include "test-xml-data.h"

#include <errno.h>

#include "xml/policy.h"

/* FILE.err holds the text for FILE.xml. */
static void check_error(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_strbuf struct strbuf line = {0};
	cleanup_policy struct policy *policy = NULL;
	cleanup_free char *golden = xasprintf("%.*s.err", (int)(strlen(path) - 4), path);
	struct err err = {0};

	test_read(path, &text);
	if (policy_parse(text.text, text.length, &policy, &err) != -EINVAL)
		fail_msg("%s: not refused with EINVAL", path);
	assert_null(policy);
	assert_int_equal(err.code, EINVAL);
	assert_null(strchr(err.text, '\n'));
	strbuf_printf(&line, "%s\n", err.text);
	test_golden(golden, &line);
}

static void check_all(const char *pattern)
{
	cleanup_glob glob_t found = {0};

	test_find_data(pattern, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_error(found.gl_pathv[i]);
}

static void test_texts_are_golden(void **state)
{
	(void)state;
	check_all("policy/invalid/*.xml");
	check_all("policy/only-parser/*.xml");
}

static void test_not_xml(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *words;
	} table[] = {
		{"", EBADMSG, "policy: line 1: it is empty"},
		{"<policy>", EBADMSG, "policy: line 1: "},
		{"<!DOCTYPE policy []><policy/>", EPERM,
		 "policy: line 1: a document type is not accepted"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct policy *policy = NULL;
		struct err err = {0};
		assert_int_equal(policy_parse(table[i].text, strlen(table[i].text), &policy, &err),
				 -table[i].code);
		assert_null(policy);
		assert_true(str_starts(err.text, table[i].words));
	}
}

/* Those that issue 3 names, word for word. */
static void refuses(const char *attributes, const char *wanted)
{
	cleanup_free char *text =
		xasprintf("<policy>\n<group name='a'>\n<rule direction='egress' %s/>"
			  "</group></policy>",
			  attributes);
	struct policy *policy = NULL;
	struct err err = {0};

	assert_int_equal(policy_parse(text, strlen(text), &policy, &err), -EINVAL);
	assert_string_equal(err.text, wanted);
}

static void test_texts(void **state)
{
	(void)state;
	refuses("protocol='tcp' ports='70000'",
		"policy: line 3: <rule> ports='70000': neither a port 0 to 65535 nor a range like "
		"80-443");
	refuses("remote='10.0.0.0/40'", "policy: line 3: <rule> remote='10.0.0.0/40': not an IPv4 "
					"or IPv6 address, nor a prefix like 10.0.0.0/8");
	refuses("remote='10.0.0.0/8' group='a'",
		"policy: line 3: <rule> remote='10.0.0.0/8': only without group=");
	refuses("group='db'", "policy: line 3: <rule> group='db': there is no <group> of this "
			      "name; add one, be it empty");
	refuses("port='80'", "policy: line 3: <rule> has no attribute 'port'; it has direction "
			     "ethertype protocol ports type code remote group");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_are_golden),
		cmocka_unit_test(test_not_xml),
		cmocka_unit_test(test_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
