/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser and packaging/schemas/state.rng accept the same manifests, and refuse the same. */
#include "test-xml-data.h"

#include <errno.h>
#include <libxml/relaxng.h>

#include "xml/manifest.h"

static xmlRelaxNG *schema;

static void say_nothing(void *user, const char *format, ...)
{
	(void)user;
	(void)format;
}

static int load_schema(void **state)
{
	cleanup_free char *path = test_data_path("../../packaging/schemas/state.rng");
	xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(path);

	(void)state;
	schema = xmlRelaxNGParse(parser);
	xmlRelaxNGFreeParserCtxt(parser);
	return schema ? 0 : -1;
}

static int free_schema(void **state)
{
	(void)state;
	xmlRelaxNGFree(schema);
	return 0;
}

static bool schema_accepts(const char *path)
{
	xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
	xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(schema);

	assert_non_null(doc);
	xmlRelaxNGSetValidErrors(context, say_nothing, say_nothing, NULL);
	int rc = xmlRelaxNGValidateDoc(context, doc);
	xmlRelaxNGFreeValidCtxt(context);
	xmlFreeDoc(doc);
	return rc == 0;
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

static void check_all(const char *pattern, bool in_schema, bool in_parser)
{
	cleanup_glob glob_t found = {0};

	test_find_data(pattern, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		if (schema_accepts(path) != in_schema)
			fail_msg("the schema %s %s", in_schema ? "refuses" : "accepts", path);
		if (parser_accepts(path) != in_parser)
			fail_msg("the parser %s %s", in_parser ? "refuses" : "accepts", path);
	}
}

static void test_good(void **state)
{
	(void)state;
	check_all("xml/manifest/good/*.xml", true, true);
}

static void test_bad(void **state)
{
	(void)state;
	check_all("xml/manifest/bad/*.xml", false, false);
}

static void test_what_a_schema_cannot_say(void **state)
{
	(void)state;
	check_all("xml/manifest/bad-beyond-schema/*.xml", true, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_what_a_schema_cannot_say),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load_schema, free_schema);
}
