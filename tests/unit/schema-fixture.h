/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A RELAX NG schema and a parser, asked about the same files. */
#ifndef BERTH_TESTS_UNIT_SCHEMA_FIXTURE_H
#define BERTH_TESTS_UNIT_SCHEMA_FIXTURE_H

#include "test-xml-data.h"

#include <libxml/relaxng.h>

static xmlRelaxNG *schema;

static inline void say_nothing(void *user, const char *format, ...)
{
	(void)user;
	(void)format;
}

/* @name: of a file in packaging/schemas. Return: as a group's setup function does. */
static inline int load_schema(const char *name)
{
	cleanup_free char *path =
		xasprintf("%s/../../packaging/schemas/%s", test_data_folder(), name);
	xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(path);

	schema = xmlRelaxNGParse(parser);
	xmlRelaxNGFreeParserCtxt(parser);
	return schema ? 0 : -1;
}

static inline int free_schema(void **state)
{
	(void)state;
	xmlRelaxNGFree(schema);
	return 0;
}

static inline bool schema_accepts(const char *path)
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

/* All files that match are accepted or refused so. Return: how many there are. */
static inline size_t check_both(const char *pattern, bool (*parser_accepts)(const char *path),
				bool in_schema, bool in_parser)
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
	return found.gl_pathc;
}

#endif
