/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser and packaging/schemas/policy.rng accept the same policies, and refuse the same. */
#include "schema-fixture.h"

#include <errno.h>

#include "xml/policy.h"

static int load_policy_schema(void **state)
{
	(void)state;
	return load_schema("policy.rng");
}

static bool parser_accepts(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_policy struct policy *policy = NULL;
	struct err err = {0};

	test_read(path, &text);
	int rc = policy_parse(text.text, text.length, &policy, &err);
	assert_true(rc == 0 || rc == -EINVAL);
	return rc == 0;
}

static void test_valid(void **state)
{
	(void)state;
	assert_true(check_both("policy/valid/*.xml", parser_accepts, true, true) >= 25);
}

static void test_invalid(void **state)
{
	(void)state;
	assert_true(check_both("policy/invalid/*.xml", parser_accepts, false, false) >= 60);
}

static void test_what_a_schema_cannot_say(void **state)
{
	(void)state;
	check_both("policy/only-parser/*.xml", parser_accepts, true, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_what_a_schema_cannot_say),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load_policy_schema, free_schema);
}
