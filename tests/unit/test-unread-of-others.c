/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A journal or a record of another guest that can't be read stops only a guest whose data it may
 * concern. */
#include "tests/unit/journal-fixture.h"

#include "hooks/call.h"
#include "hooks/plan/survey.h"
#include "hooks/records/volume_record.h"

#define OTHER_JOURNAL "state/journal/" OTHER_UUID

static int others_setup(void **state)
{
	struct err err;

	return site_setup(state) < 0 ? -1 : file_make_folders(at("state/journal"), 0700, &err);
}

/* `prepare begin` of a guest with that disk. */
static int start(const char *image, struct err *err)
{
	cleanup_free char *xml = xasprintf(
		"<domain type='kvm'><name>innocent</name><uuid>" UUID "</uuid><os><type>hvm</type>"
		"</os><devices><disk type='file' device='disk'><driver name='qemu' type='raw'/>"
		"<source file='%s'/><target dev='vda'/></disk></devices></domain>",
		image);
	cleanup_domain struct domain *domain = NULL;
	struct call call = {.site = &site, .event = EVENT_PREPARE};

	assert_true(domain_parse(xml, strlen(xml), &domain, err) == 0);
	call.domain = domain;
	return incoming_prepare(&call, NULL, err);
}

static void check_start(int code)
{
	struct err err;

	assert_ok(start("/srv/a.img", &err));
	assert_ok(start("/srv/b.img.too", &err));
	assert_fails(start("/srv/b.img", &err), code, "'/srv/b.img' may be an empty image");
}

static void test_damaged(void **state)
{
	(void)state;
	write_text(at(OTHER_JOURNAL), "berth-journal\t1\nstep\tpath=/srv/b.img\tkind=wormhole\n");
	check_start(EBADMSG);
	write_text(at(OTHER_JOURNAL), "berth-journal\t2\nmake\twhat=image\tpath=/srv/b.img");
	check_start(EBADMSG);
}

/* As older versions wrote them. */
static void test_larger_than_what_is_read(void **state)
{
	(void)state;
	write_text(at(OTHER_JOURNAL), "berth-journal\t1\nstep\tkind=image\tpath=/srv/b.img\n");
	assert_int_equal(truncate(at(OTHER_JOURNAL), 5 << 20), 0);
	check_start(EFBIG);
}

/* Then the image's age tells. */
static void test_huge(void **state)
{
	struct err err;

	(void)state;
	write_text(at("older.img"), "data");
	usleep(20000); /* the kernel's clock of files goes in steps of up to 10 ms */
	write_text(at(OTHER_JOURNAL), "berth-journal\t1\n");
	assert_int_equal(truncate(at(OTHER_JOURNAL), (off_t)65 << 20), 0);
	write_text(at("younger.img"), "");
	assert_ok(start(at("older.img"), &err));
	assert_fails(start(at("younger.img"), &err), EFBIG, "may be an empty image");
}

static void test_its_own_stops_it(void **state)
{
	struct err err;

	(void)state;
	write_text(at("state/journal/" UUID), "garbage\n");
	assert_fails(start("/srv/a.img", &err), EBADMSG, UUID);
}

static void test_space_is_counted(void **state)
{
	struct domain domain = {.uuid = (char *)UUID};
	const struct config config = {0};
	struct facts facts = {0};
	struct err err;

	(void)state;
	write_text(at(OTHER_JOURNAL), "garbage\n");
	assert_ok(survey_space(&site, &config, &domain, &facts, &err));
}

int main(void)
{
#define others_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, others_setup, scratch_teardown))
	const struct CMUnitTest tests[] = {
		others_test(test_damaged),
		others_test(test_larger_than_what_is_read),
		others_test(test_huge),
		others_test(test_its_own_stops_it),
		others_test(test_space_is_counted),
	};

	return run_as_tap(tests);
}
