/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's status files, as text: whether berth manages the guest, and what goes on with it; the
 * same answers as the parser that hooks use, and no wrong ones from a guest's own metadata. */
#include "tests/unit/test-xml-data.h"

#include "plugin/status.h"
#include "xml/status.h"

static struct guest_status status_of(const char *text)
{
	return guest_status_of(text, strlen(text));
}

static void test_jobs(void **state)
{
	static const struct {
		const char *text;
		enum guest_job job;
	} cases[] = {
		{"<domstatus><job type='none' async='migration in' phase='finish3'/></domstatus>",
		 JOB_MIGRATION_IN},
		{"<!-- x -->\n<domstatus>\n<a><job async='none'/></a><job async=\"migration out\">"
		 "<b/></job></domstatus>",
		 JOB_MIGRATION_OUT},
		{"<domstatus><job type='modify' async='none'/></domstatus>", JOB_NONE},
		{"<domstatus><job type='modify'/></domstatus>", JOB_NONE},
		{"<domstatus><job async='save'/></domstatus>", JOB_OTHER},
		{"<domstatus><domain/></domstatus>", JOB_NONE},
		{"<domstatus><domain><job async='migration in'/></domain></domstatus>", JOB_NONE},
		{"<domstatus><jobs async='migration in'/></domstatus>", JOB_NONE},
		{"<domstatus><!-- <job async='migration in'/> --></domstatus>", JOB_NONE},
		{"<domstatus><a b='<job async='/><c>]]></c><job async='migration in", JOB_NONE},
		{"<job async='migration in'/>", JOB_NONE},
		{"<!DOCTYPE x><domstatus><job async='migration in'/></domstatus>", JOB_NONE},
		{"", JOB_NONE},
		{"garbage", JOB_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(status_of(cases[i].text).job, cases[i].job);
}

static void test_post_copy(void **state)
{
	(void)state;
	assert_true(status_of("<domstatus><job async='migration out' flags='0x8001'/></domstatus>")
			    .post_copy);
	assert_true(status_of("<domstatus><job flags='0xc009' async='migration out'/></domstatus>")
			    .post_copy);
	assert_false(status_of("<domstatus><job async='migration out' flags='0x7fff'/></domstatus>")
			     .post_copy);
	assert_false(status_of("<domstatus><job async='migration out'/></domstatus>").post_copy);
	assert_false(status_of("<domstatus><job async='migration out' flags=''/></domstatus>")
			     .post_copy);
	assert_false(status_of("<domstatus><domain><job flags='0x8000'/></domain></domstatus>")
			     .post_copy);
}

static void test_managed(void **state)
{
	(void)state;
	assert_true(status_of("<domstatus><domain><metadata><b:state xmlns:b='urn:berth:state:1'/>"
			      "</metadata></domain></domstatus>")
			    .managed);
	assert_false(status_of("<domstatus><domain><metadata><b:state xmlns:b='urn:other:1'/>"
			       "</metadata></domain></domstatus>")
			     .managed);
	assert_false(status_of("").managed);
}

/* Files that libvirt has written, and parts of them. */
static void test_samples(void **state)
{
	cleanup_glob glob_t files = {0};
	size_t jobs = 0;

	(void)state;
	test_find_data("status/*.xml", &files);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		cleanup_strbuf struct strbuf text = {0};
		struct domain_status wanted;
		struct err err;
		test_read(files.gl_pathv[i], &text);
		for (size_t length = 0; length < text.length; length += 997) {
			cleanup_free char *part = xstrndup(text.text, length);
			guest_status_of(part, length);
		}
		if (domain_status_parse(text.text, text.length, &wanted, &err) < 0)
			continue;
		enum guest_job job = guest_status_of(text.text, text.length).job;
		assert_int_equal(job == JOB_MIGRATION_IN, wanted.incoming);
		if (wanted.left)
			assert_int_equal(job, JOB_MIGRATION_OUT);
		jobs += job == JOB_MIGRATION_IN || job == JOB_MIGRATION_OUT;
	}
	assert_true(jobs >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_post_copy),
		cmocka_unit_test(test_managed),
		cmocka_unit_test(test_samples),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
