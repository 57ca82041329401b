/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser and packaging/schemas/state.rng accept the same manifests, and refuse the same. */
#include "schema-fixture.h"

#include <errno.h>
#include "xml/manifest.h"

static int load_state_schema(void **state)
{
	(void)state;
	return load_schema("state.rng");
}

static bool parser_accepts(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_manifest struct manifest *manifest = NULL;
	struct err err = {0};

	test_read(path, &text);
	int rc = manifest_parse(text.text, text.length, &manifest, &err);
	assert_true(rc == 0 || rc == -EINVAL);
	return rc == 0;
}

static void test_good(void **state)
{
	(void)state;
	check_both("xml/manifest/good/*.xml", parser_accepts, true, true);
}

static void test_bad(void **state)
{
	(void)state;
	check_both("xml/manifest/bad/*.xml", parser_accepts, false, false);
}

static void test_what_a_schema_cannot_say(void **state)
{
	(void)state;
	check_both("xml/manifest/bad-beyond-schema/*.xml", parser_accepts, true, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_what_a_schema_cannot_say),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load_state_schema, free_schema);
}
