/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hostile XML is refused with a reason, in bounded time, without a word on stderr. */
#include "test-xml-data.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "xml/domain.h"

#define HEAD "<domain><name>a</name><uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>\n"
#define TAIL "</domain>"
/* Under sanitizers the slowest takes two seconds; without the limits it takes minutes. */
#define MAX_SECONDS 20

static void refuses_bytes(const char *text, size_t length, int code, const char *wanted)
{
	cleanup_domain struct domain *domain = NULL;
	struct err err = {0};
	clock_t start = clock();

	assert_int_equal(domain_parse(text, length, &domain, &err), -code);
	assert_true(clock() - start < (clock_t)MAX_SECONDS * CLOCKS_PER_SEC);
	assert_null(domain);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, wanted))
		fail_msg("'%s' does not contain '%s'", err.text, wanted);
}

static void refuses(const char *text, int code, const char *wanted)
{
	refuses_bytes(text, strlen(text), code, wanted);
}

/* HEAD BEFORE, then UNIT so many times, then AFTER TAIL */
static void refuses_many(const char *before, const char *unit, size_t count, const char *after,
			 int code, const char *wanted)
{
	cleanup_strbuf struct strbuf text = {0};

	strbuf_puts(&text, HEAD);
	strbuf_puts(&text, before);
	for (size_t i = 0; i < count; i++)
		strbuf_puts(&text, unit);
	strbuf_puts(&text, after);
	strbuf_puts(&text, TAIL);
	refuses_bytes(text.text, text.length, code, wanted);
}

static void test_document_types(void **state)
{
	(void)state;
	refuses("<!DOCTYPE domain>" HEAD TAIL, EPERM,
		"domain XML: line 1: a document type is not accepted");
	refuses("<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE domain SYSTEM "
		"'file:///etc/passwd'>" HEAD TAIL,
		EPERM, "line 3: a document type");
	refuses("<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]>"
		"<domain><name>&d;</name></domain>",
		EPERM, "a document type");
	refuses("<!DOCTYPE domain [<!ENTITY % a SYSTEM 'http://192.0.2.1/'> %a;]>" HEAD TAIL, EPERM,
		"a document type");
	refuses(HEAD "<title>&a;</title>" TAIL, EBADMSG, "line 2: Entity 'a' not defined");
}

static void test_encodings(void **state)
{
	static const char utf16[] = "\xff\xfe<\0d\0o\0m\0a\0i\0n\0/\0>\0";

	(void)state;
	refuses_bytes(utf16, sizeof(utf16) - 1, EBADMSG, "line 1: byte 0xff is not UTF-8");
	refuses("<?xml version='1.0' encoding='ISO-8859-1'?>" HEAD TAIL, EBADMSG,
		"its encoding is 'ISO-8859-1'; only UTF-8 is accepted");
	refuses("<?xml version='1.0' encoding='UTF-7'?>" HEAD TAIL, EBADMSG, "line 1: ");
	refuses("<?xml version='1.0' encoding='UTF-16'?>" HEAD TAIL, EBADMSG, "line 1: ");
	refuses(HEAD "<title>\xe4</title>" TAIL, EBADMSG, "line 2: byte 0xe4 is not UTF-8");
	refuses(HEAD "<title>\xc0\xaf</title>" TAIL, EBADMSG, "line 2: byte 0xc0");
	refuses(HEAD "<title>\xed\xa0\x80</title>" TAIL, EBADMSG, "line 2: byte 0xed");
	refuses(HEAD "<title>\xef\xbf\xbf</title>" TAIL, EBADMSG, "line 2: byte 0xef");
	refuses(HEAD "<title>\x01</title>" TAIL, EBADMSG, "line 2: byte 0x01");
	refuses(HEAD "<title>&#1;</title>" TAIL, EBADMSG, "line 2: ");
	refuses_bytes(HEAD "\0" TAIL, sizeof(HEAD "\0" TAIL) - 1, EBADMSG, "line 2: byte 0x00");
}

static void test_not_domains(void **state)
{
	(void)state;
	refuses("", EBADMSG, "line 1: it is empty");
	refuses("   ", EBADMSG, "domain XML: line 1: ");
	refuses("domain", EBADMSG, "domain XML: line 1: ");
	refuses("<network/>", EBADMSG, "line 1: it is a <network>, not a <domain>");
	refuses("<domain xmlns='urn:x'/>", EBADMSG, "it is a <domain>, not a <domain>");
	refuses("<domain/><domain/>", EBADMSG, "line 1: Extra content");
	refuses("<domain a='1' a='2'/>", EBADMSG, "line 1: Attribute a redefined");
	refuses("<domain>\n</domian>", EBADMSG, "line 2: Opening and ending tag mismatch");
}

static void test_sizes(void **state)
{
	(void)state;
	refuses_many("", "12345678", (8 << 20) / 8, "", EFBIG, "8388608 are accepted");
	refuses_many("", "<a>", 100000, "", ELOOP, "line 2: nested too deep");
	refuses_many("", "<a/>", 200000, "", EFBIG, "too many tags, attributes and comments");
	refuses_many("", "<!---->", 200000, "", EFBIG, "too many tags, attributes and comments");
	refuses_many("<a ", "b='1' ", 1000000, "/>", EFBIG, "too many attributes in one tag");
	refuses_many("", "<a xmlns:b='urn:b'/>", 1025, "", EFBIG, "too many namespace");
	refuses_many("<devices>", "<interface/>", 4097, "</devices>", EFBIG,
		     "it has 4097 interfaces");
	refuses_many("<devices>", "<disk><target dev='a'/></disk>", 4097, "</devices>", EFBIG,
		     "it has 4097 disks");
	refuses_many("<devices>", "<graphics listen='a'/>", 4097, "</devices>", EFBIG,
		     "it has 4097 paths");
}

/* libxml2 goes on behind an error; what it meets there must not keep it busy. */
static void test_much_behind_an_error(void **state)
{
	(void)state;
	refuses_many("<!--", "--", 3000000, "-->", EBADMSG, "line 2: Double hyphen");
	refuses_many("<a 1=\"<b ", "c='1' ", 1000000, "/>\"/>", EBADMSG, "line 2: ");
	refuses_many("<? <b ", "c='1' ", 1000000, "/>?>", EBADMSG, "line 2: ");
	refuses_many("", "<", 8000000, "", EBADMSG, "line 2: ");
	refuses_many("", "&", 8000000, "", EBADMSG, "line 2: ");
	refuses_many("", "]]>", 2000000, "", EBADMSG, "line 2: ");
}

/* A policy that is as large as an XML may be is told wrong, and is not what fails the domain. */
static void test_large_policies(void **state)
{
	static const char *const units[] = {
		"<rule direction='ingress' remote='2001:db8::/32' group='a'/>",
		"<group name='a'/>",
		"<port mac='52:54:00:00:00:01'/>",
		"<a/>",
		"text",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		cleanup_strbuf struct strbuf text = {0};
		cleanup_domain struct domain *domain = NULL;
		struct err err = {0};
		clock_t start = clock();
		strbuf_puts(&text, HEAD "<metadata><policy xmlns='" POLICY_URI "'>");
		for (int n = 0; n < 30000; n++)
			strbuf_puts(&text, units[i]);
		strbuf_puts(&text, "</policy></metadata>" TAIL);
		assert_int_equal(domain_parse(text.text, text.length, &domain, &err), 0);
		assert_true(clock() - start < (clock_t)MAX_SECONDS * CLOCKS_PER_SEC);
		assert_null(domain->policy);
		assert_int_equal(domain->policy_error.code, EINVAL);
		assert_true(str_starts(domain->policy_error.text, "policy: line 2: "));
	}
}

static void test_every_truncation(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	struct err err = {0};

	(void)state;
	test_read_data("xml/view/look-alikes.xml", &text);
	size_t end = text.length;
	while (text.text[end - 1] != '>')
		end--;
	for (size_t length = 0; length < end; length++) {
		cleanup_domain struct domain *domain = NULL;
		cleanup_free char *cut = xcalloc(1, length); /* so that a sanitizer sees its end */
		memcpy(cut, text.text, length);
		assert_int_equal(domain_parse(cut, length, &domain, &err), -EBADMSG);
	}
}

/* What the tests may write to stderr goes to a file, which the last test measures. */
static int stderr_of_group(void **state)
{
	static char name[] = "/tmp/berth-test-xml-XXXXXX";
	int fd = mkstemp(name);

	(void)state;
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		return -1;
	unlink(name);
	return close(fd);
}

static void test_nothing_was_printed(void **state)
{
	(void)state;
	fflush(stderr);
	assert_int_equal(lseek(STDERR_FILENO, 0, SEEK_END), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document_types),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_not_domains),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_much_behind_an_error),
		cmocka_unit_test(test_large_policies),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_nothing_was_printed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, stderr_of_group, NULL);
}
