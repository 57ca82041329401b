/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `started begin` of a guest that comes: no image on shared storage is copied onto itself, but one
 * that was made there for this migration is to be written. */
#include "tests/unit/journal-fixture.h"

#include "hooks/call.h"

static struct config config;
static char *shared_folder;

static int started_setup(void **state)
{
	struct err err;

	if (site_setup(state) < 0)
		return -1;
	shared_folder = scratch;
	config = (struct config){.shared = {&shared_folder, 1}};
	make_qcow2(at("a.img"), "1M");
	return file_make_folders(at("run"), 0700, &err);
}

static void make_journal(const char *path)
{
	struct step step = {.kind = STEP_IMAGE, .disk = "vda", .path = (char *)path};
	struct journal_start start = {
		.name = "vm1",
		.uuid = UUID,
		.token = TOKEN,
		.source = "hosta",
		.steps = &step,
		.step_count = 1,
	};
	cleanup_journal struct journal *journal = NULL;
	struct err err;

	assert_ok(journal_create(&site, &start, &journal, &err));
	assert_ok(journal_set_phase(journal, PHASE_PREPARING, &err));
}

/* Its QEMU may write to a.img. */
static int started(struct err *err)
{
	struct holder qemu = hold(at("a.img"), "qcow2", true);
	cleanup_free char *status = xasprintf(
		"<domstatus state='paused' reason='migration' pid='%d'><job type='unspecified' "
		"async='migration in' phase='prepare' flags='0x41'/><domain/></domstatus>",
		(int)qemu.pid);
	cleanup_free char *xml = xasprintf(
		"<domain type='kvm'><name>vm1</name><uuid>" UUID "</uuid><os><type>hvm</type></os>"
		"<metadata><b:state xmlns:b='urn:berth:state:1' host='hosta' "
		"uri='qemu+tcp://a/system' "
		"written='2026-11-24T10:20:00Z'/></metadata><devices><disk type='file' "
		"device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target "
		"dev='vda'/></disk></devices></domain>",
		at("a.img"));
	cleanup_domain struct domain *domain = NULL;
	struct call call = {.site = &site, .event = EVENT_STARTED, .extra = "-", .config = &config};

	write_text(at("run/vm1.xml"), status);
	int rc = domain_parse(xml, strlen(xml), &domain, err);
	call.domain = domain;
	if (rc == 0)
		rc = incoming_started(&call, NULL, err);
	if (rc == 0) {
		/* Another part of the event may refuse the guest still. */
		cleanup_journal struct journal *journal = open_again();
		assert_true(journal->phase < PHASE_STARTED);
	}
	if (rc == 0)
		rc = incoming_accepted(&call, err);
	let_go(qemu);
	return rc;
}

static void test_it_was_made_there(void **state)
{
	struct err err;

	(void)state;
	make_journal(at("a.img"));
	assert_ok(started(&err));
	cleanup_journal struct journal *journal = open_again();
	assert_int_equal(journal->phase, PHASE_STARTED);
}

static void test_it_is_the_guests_own(void **state)
{
	struct err err;

	(void)state;
	assert_fails(started(&err), EPERM, "would copy it onto itself");
	make_journal(at("b.img"));
	assert_fails(started(&err), EPERM, "would copy it onto itself");
}

int main(void)
{
#define started_test(f)                                                               \
	needing(have_qemu(), "qemu-img and qemu-io",                                  \
		((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, started_setup, \
								    scratch_teardown)))
	const struct CMUnitTest tests[] = {
		started_test(test_it_was_made_there),
		started_test(test_it_is_the_guests_own),
	};

	return run_as_tap(tests);
}
