/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that is active here can't come: nothing is made, no record of it changes, whatever its
 * name is here. One whose UUID another guest's metadata mentions is not active. */
#include "tests/unit/config-fixture.h"
#include "tests/unit/site-fixture.h"

#include "hooks/call.h"
#include "hooks/records/volume_record.h"

#define XML                                                                                        \
	"<domain><name>vm1</name><uuid>" UUID "</uuid><metadata>"                                  \
	"<s:state xmlns:s='urn:berth:state:1' host='hosta' uri='a' written='2026-11-24T10:20:00Z'" \
	"/></metadata><devices/></domain>"
#define STATUS(state, job, uuid, metadata)                                                     \
	"<domstatus state='" state "' reason='booted' pid='1'>" job                            \
	"<domain type='kvm' id='1'><name>other</name><uuid>" uuid "</uuid><metadata>" metadata \
	"</metadata></domain></domstatus>"
#define INCOMING "<job type='none' async='migration in' phase='prepare'/>"

static const struct volume volume = {
	.kind = VOLUME_AOE, .shelf = 1, .slot = 2, .serial = "x", .size_bytes = 512};

static void note_volume(void)
{
	cleanup_volume_record struct volume_record *record = NULL;
	struct err err;

	cleanup_close int lock = volume_record_open(&site, UUID, &record, &err);
	assert_true(lock >= 0);
	volume_record_note(record, "vdb", "/dev/etherd/e1.2", &volume, VOLUME_ATTACHED);
	assert_ok(volume_record_save(&site, record, &err));
}

/* Return: what `migrate begin` does with libvirt's status of a guest. */
static int migrate(const char *status, struct err *err)
{
	cleanup_config struct config *config = load(at("nothing"));
	cleanup_domain struct domain *domain = NULL;
	cleanup_strbuf struct strbuf out = {0};

	assert_int_equal(file_make_folders(at("run"), 0755, err), 0);
	if (status)
		write_text(at("run/other.xml"), status);
	assert_int_equal(domain_parse(XML, strlen(XML), &domain, err), 0);
	struct call call = {
		.site = &site,
		.extra = "-",
		.domain = domain,
		.config = config,
	};
	return incoming_migrate(&call, &out, err);
}

static void assert_active(const char *status)
{
	struct err err;

	assert_int_equal(migrate(status, &err), -EEXIST);
	assert_non_null(strstr(err.text, "is active on this host, as 'other'; "));
}

static void test_active_guest_is_refused(void **state)
{
	cleanup_volume_record struct volume_record *record = NULL;
	struct err err;

	(void)state;
	note_volume();
	assert_active(STATUS("running", "", UUID, ""));
	assert_active(STATUS("paused", "", UUID, ""));
	assert_ok(volume_record_load(&site, UUID, &record, &err));
	assert_int_equal(record->count, 1);
	assert_int_equal(record->volumes[0].state, VOLUME_ATTACHED);
	assert_false(file_exists(at("state/journal")));
}

/* Deeper than what the gate reads of a status file. */
static const char *deep_mention(void)
{
	cleanup_strbuf struct strbuf text = {0};

	strbuf_puts(&text, "<domstatus state='running' reason='booted' pid='1'><domain type='kvm' "
			   "id='1'><name>other</name><uuid>" OTHER_UUID "</uuid><metadata>");
	for (int i = 0; i < 100; i++)
		strbuf_puts(&text, "<a>");
	strbuf_puts(&text, "<uuid>" UUID "</uuid>");
	for (int i = 0; i < 100; i++)
		strbuf_puts(&text, "</a>");
	strbuf_puts(&text, "</metadata></domain></domstatus>");
	return keep(strbuf_steal(&text));
}

static void test_others_are_not(void **state)
{
	struct err err;

	(void)state;
	assert_ok(migrate(NULL, &err));
	assert_ok(migrate(STATUS("running", "", OTHER_UUID, ""), &err));
	assert_ok(migrate(STATUS("running", "", OTHER_UUID, "<a><uuid>" UUID "</uuid></a>"), &err));
	assert_ok(migrate(deep_mention(), &err));
	assert_ok(migrate(STATUS("paused", INCOMING, UUID, ""), &err));
	assert_ok(migrate(STATUS("shutdown", "", UUID, ""), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_active_guest_is_refused),
		site_test(test_others_are_not),
	};

	return run_as_tap(tests);
}
