/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that uses libxml2 itself, such as libvirtd, notices nothing of berth's parsing. */
#include "test-xml-data.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "xml/domain.h"

static unsigned calls;

static void count_generic(void *user, const char *format, ...)
{
	(void)user;
	(void)format;
	calls++;
}

#if LIBXML_VERSION >= 21200
static void count_structured(void *user, const xmlError *error)
#else
static void count_structured(void *user, xmlError *error)
#endif
{
	(void)user;
	(void)error;
	calls++;
}

static void parse_good_and_bad(void)
{
	static const char *const texts[] = {
		"<domain",
		"<domain><undeclared:a/></domain>",
		"<!DOCTYPE domain []><domain/>",
		"<domain><name>a</name><uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid></domain>",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_domain struct domain *domain = NULL;
		struct err err = {0};
		domain_parse(texts[i], strlen(texts[i]), &domain, &err);
	}
}

static void test_its_handlers_are_not_called(void **state)
{
	(void)state;
	xmlSetGenericErrorFunc(&calls, count_generic);
	parse_good_and_bad();
	assert_int_equal(calls, 0);
	assert_ptr_equal(xmlGenericError, count_generic);
	assert_ptr_equal(xmlGenericErrorContext, &calls);
	xmlSetGenericErrorFunc(NULL, NULL);

	xmlSetStructuredErrorFunc(&calls, count_structured);
	parse_good_and_bad();
	assert_int_equal(calls, 0);
	assert_ptr_equal(xmlStructuredError, count_structured);
	xmlSetStructuredErrorFunc(NULL, NULL);
}

static void test_its_documents_live_on(void **state)
{
	xmlDoc *doc = xmlReadMemory("<a><b/></a>", 11, NULL, NULL, 0);

	(void)state;
	parse_good_and_bad();
	assert_string_equal((const char *)xmlDocGetRootElement(doc)->children->name, "b");
	xmlFreeDoc(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_its_handlers_are_not_called),
		cmocka_unit_test(test_its_documents_live_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
