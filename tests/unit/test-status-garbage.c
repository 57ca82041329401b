/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is no status file is refused, and nothing is taken from it. */
#include "test-xml-data.h"

#include <errno.h>

#include "xml/status.h"

static void assert_refused(const char *text, size_t length)
{
	struct domain_status status = {.left = true};
	struct err err = {0};

	int rc = domain_status_parse(text, length, &status, &err);
	if (rc != -EBADMSG)
		fail_msg("'%.*s' gave %d", (int)length, text, rc);
	assert_int_equal(err.code, EBADMSG);
	assert_string_equal(err.text, "libvirt's status file is not understood");
	assert_true(status.left && !status.known);
}

static void test_garbage(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"garbage",
		"<",
		"<domain/>",
		"<domstatus",
		"<domstatus state='paused' reason='migration'>",
		"<domstatus state='paused'><job></domstatus>",
		"<x><domstatus state='paused'/></x>",
		"<domstatus state='paused'/>garbage",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
}

/* libvirt writes it whole or not at all; should it not, half of it must not count. */
static void test_every_truncation(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	test_read_data("status/left.xml", &text);
	while (text.text[text.length - 1] == '\n')
		text.length--;
	for (size_t length = 0; length < text.length; length++)
		assert_refused(text.text, length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_every_truncation),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
