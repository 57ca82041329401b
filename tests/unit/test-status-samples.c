/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libvirt's own status files say, of libvirt 9.0.0: how far the domain is, and where it is
 * going. */
#include "test-xml-data.h"

#include <errno.h>

#include "xml/status.h"

enum {
	INCOMING = 1 << 0,
	PAUSED = 1 << 1,
	ENDING = 1 << 2,
	LEFT = 1 << 3,
	COPIED = 1 << 4,
	POST_COPY = 1 << 5,
	UNSAFE = 1 << 6,
	RUNS = 1 << 7,
	PREPARING = 1 << 8,
};

static int parse(const char *text, size_t length)
{
	struct domain_status status = {0};
	struct err err;

	if (domain_status_parse(text, length, &status, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(status.known);
	return (status.incoming ? INCOMING : 0) | (status.paused_for_migration ? PAUSED : 0) |
	       (status.ending ? ENDING : 0) | (status.left ? LEFT : 0) |
	       (status.storage_copied ? COPIED : 0) | (status.post_copy ? POST_COPY : 0) |
	       (status.unsafe ? UNSAFE : 0) | (status.runs_on_arrival ? RUNS : 0) |
	       (status.preparing ? PREPARING : 0);
}

static void test_files(void **state)
{
	static const struct {
		const char *name;
		int wanted;
	} table[] = {
		{"started", RUNS},     {"incoming", INCOMING | PREPARING | PAUSED | COPIED | RUNS},
		{"arrived", 0},        {"left", PAUSED | LEFT | COPIED | RUNS},
		{"destroyed", ENDING}, {"finishing", INCOMING | PAUSED | COPIED | RUNS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		cleanup_free char *name = xasprintf("status/%s.xml", table[i].name);
		cleanup_strbuf struct strbuf text = {0};
		test_read_data(name, &text);
		int have = parse(text.text, text.length);
		if (have != table[i].wanted)
			fail_msg("%s: 0x%x, not 0x%x", name, (unsigned)have,
				 (unsigned)table[i].wanted);
	}
}

/* Made from those: what tells them apart is each attribute by itself. */
static void test_each_attribute(void **state)
{
	static const struct {
		const char *state;
		const char *job;
		int wanted;
	} table[] = {
		{"state='paused' reason='user'", "", 0},
		{"state='running' reason='migration'", "", 0},
		{"state='paused' reason='migration'", "", PAUSED},
		{"state='shutdown' reason='user'", "", ENDING},
		{"state='shutoff' reason='failed'", "", ENDING},
		{"state='running'", "async='migration in' phase='prepare' flags='0x1'",
		 INCOMING | PREPARING | RUNS},
		{"state='running'", "async='migration in' phase='prepare' flags='0x21'",
		 INCOMING | PREPARING},
		{"state='running'", "async='migration in' phase='prepare'", INCOMING | PREPARING},
		{"state='running'", "async='migration in' phase='finish2' flags='0x40'",
		 INCOMING | COPIED | RUNS},
		{"state='running'", "async='migration out' phase='confirm3' flags='0x80'",
		 LEFT | COPIED | RUNS},
		{"state='running'", "async='migration out' phase='confirm3' flags='0x3f'", LEFT},
		{"state='running'", "async='migration out' phase='perform3' flags='0x80'",
		 COPIED | RUNS},
		{"state='running'", "async='migration out' phase='confirm3_cancelled' flags='0x80'",
		 COPIED | RUNS},
		{"state='running'", "async='migration out' phase='confirm3' flags='0x281'",
		 LEFT | COPIED | UNSAFE | RUNS},
		{"state='running'", "async='migration in' phase='prepare' flags='0xc001'",
		 INCOMING | PREPARING | POST_COPY | RUNS},
		{"state='running'", "async='migration in' phase='prepare' flags='0x4001'",
		 INCOMING | PREPARING | RUNS},
		{"state='running'", "type='modify' async='none'", 0},
		{"", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		cleanup_free char *text = xasprintf("<domstatus %s><job %s/><domain/></domstatus>",
						    table[i].state, table[i].job);
		if (parse(text, strlen(text)) != table[i].wanted)
			fail_msg("%s", text);
	}
}

/* A guest can put elements of any name into its metadata. */
static void test_only_in_their_place(void **state)
{
	static const char text[] = "<domstatus state='running'><domain><metadata>"
				   "<job async='migration out' phase='confirm3' flags='0x80'/>"
				   "<domstatus state='shutdown'/></metadata></domain></domstatus>";

	(void)state;
	assert_int_equal(parse(text, strlen(text)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_each_attribute),
		cmocka_unit_test(test_only_in_their_place),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
