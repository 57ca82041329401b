/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain needs a name and a UUID, and both are safe as the names of files. */
#include "test-xml-data.h"

#include <errno.h>

#include "xml/domain.h"

#define UUID "<uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>"

static void refuses(const char *inside, const char *wanted)
{
	cleanup_free char *text = xasprintf("<domain>\n%s</domain>", inside);
	cleanup_domain struct domain *domain = NULL;
	struct err err = {0};

	assert_int_equal(domain_parse(text, strlen(text), &domain, &err), -EINVAL);
	assert_string_equal(err.text, wanted);
	assert_null(domain);
}

static void test_names(void **state)
{
	(void)state;
	refuses(UUID, "domain XML: <name> is missing");
	refuses("<name/>" UUID, "domain XML: line 2: <name> '' can't be a guest's name");
	refuses("<name>.</name>" UUID, "domain XML: line 2: <name> '.' can't be a guest's name");
	refuses("<name>..</name>" UUID, "domain XML: line 2: <name> '..' can't be a guest's name");
	refuses("<name>../a</name>" UUID,
		"domain XML: line 2: <name> '../a' can't be a guest's name");
	refuses("<name>a&#10;b</name>" UUID,
		"domain XML: line 2: <name> 'a?b' can't be a guest's name");
}

static void test_long_name(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_domain struct domain *domain = NULL;
	struct err err = {0};

	(void)state;
	strbuf_puts(&text, "<domain><name>");
	for (int i = 0; i < 256; i++)
		strbuf_puts(&text, "n");
	strbuf_puts(&text, "</name>" UUID "</domain>");
	assert_int_equal(domain_parse(text.text, text.length, &domain, &err), -EINVAL);
}

static void test_uuids(void **state)
{
	static const char *const wrong[] = {
		"",
		"fcafdcd6",
		"fcafdcd607d644d0bba741ce815586b9",
		"fcafdcd6-07d6-44d0-bba7-41ce815586b",
		"fcafdcd6-07d6-44d0-bba7-41ce815586b99",
		"fcafdcd6-07d6-44d0-bba7-41ce815586bg",
		"fcafdcd6-07d6-44d0-bba7/41ce815586b9",
		" fcafdcd6-07d6-44d0-bba7-41ce815586b9",
		"../../../../../../../../../etc/passwd",
	};

	(void)state;
	refuses("<name>a</name>", "domain XML: <uuid> is missing");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		cleanup_free char *inside = xasprintf("<name>a</name><uuid>%s</uuid>", wrong[i]);
		cleanup_free char *text =
			xasprintf("domain XML: line 2: <uuid> '%s' is not a UUID", wrong[i]);
		refuses(inside, text);
	}
}

static void test_disk_targets(void **state)
{
	(void)state;
	refuses("<name>a</name>" UUID "<devices>\n<disk/></devices>",
		"domain XML: line 3: <disk> without <target dev=>");
	refuses("<name>a</name>" UUID "<devices>\n<disk><target dev='../a'/></disk></devices>",
		"domain XML: line 3: <disk> target '../a' is not a device name");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_uuids),
		cmocka_unit_test(test_disk_targets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
