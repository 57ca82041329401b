/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rewriting gives, byte for byte, the golden file of each case.
 *
 * tests/data/xml/rewrite/CASE/{in.xml,edits,out.xml}; a line of "edits" is: ELEMENT ATTRIBUTE
 * VALUE, with "-" for the text, and \n, \r, \t and \\ in the value. REGEN=1 writes out.xml.
 */
#include "test-xml-data.h"

#include "xml/rewrite.h"

#define MAX_EDITS 32

static char escaped(char c)
{
	return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/* In place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++)
		*to++ = *text == '\\' && text[1] ? escaped(*++text) : *text;
	*to = '\0';
}

/* The edits point into the line. */
static struct xml_edit read_edit(char *line)
{
	struct xml_edit edit = {0};
	char *name;

	edit.element = (unsigned)strtoul(strsep(&line, " "), NULL, 10);
	name = strsep(&line, " ");
	assert_non_null(line);
	edit.attribute = strcmp(name, "-") == 0 ? NULL : name;
	unescape(line);
	edit.value = line;
	return edit;
}

static size_t read_edits(char *lines, struct xml_edit edits[MAX_EDITS])
{
	size_t count = 0;
	char *line;

	while ((line = strsep(&lines, "\n")) && *line && count < MAX_EDITS)
		edits[count++] = read_edit(line);
	return count;
}

static void check_case(const char *folder)
{
	cleanup_free char *in_path = xasprintf("%s/in.xml", folder);
	cleanup_free char *edits_path = xasprintf("%s/edits", folder);
	cleanup_free char *out_path = xasprintf("%s/out.xml", folder);
	cleanup_strbuf struct strbuf in = {0};
	cleanup_strbuf struct strbuf lines = {0};
	cleanup_strbuf struct strbuf out = {0};
	struct xml_edit edits[MAX_EDITS];
	struct err err = {0};

	test_read(in_path, &in);
	test_read(edits_path, &lines);
	size_t count = read_edits(lines.text, edits);
	if (xml_rewrite(in.text, in.length, edits, count, &out, &err) < 0)
		fail_msg("%s: %s", folder, err.text);
	test_golden(out_path, &out);
}

static void test_cases_are_golden(void **state)
{
	cleanup_glob glob_t found = {0};

	(void)state;
	test_find_data("xml/rewrite/*", &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_case(found.gl_pathv[i]);
}

static void test_no_edit_changes_nothing(void **state)
{
	cleanup_glob glob_t found = {0};

	(void)state;
	test_find_data("xml/*/*.xml", &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		cleanup_strbuf struct strbuf in = {0};
		cleanup_strbuf struct strbuf out = {0};
		struct err err = {0};
		test_read(found.gl_pathv[i], &in);
		assert_int_equal(xml_rewrite(in.text, in.length, NULL, 0, &out, &err), 0);
		assert_int_equal(in.length, out.length);
		assert_memory_equal(in.text, out.text, in.length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_are_golden),
		cmocka_unit_test(test_no_edit_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
