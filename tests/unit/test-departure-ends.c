/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `stopped end` and `release end` of a guest that leaves, and of a start that is refused
 * afterwards. From libvirt 10.5 on both ends that are no departure say 'failed'. */
#include "tests/unit/site-fixture.h"

#include "hooks/call.h"
#include "hooks/records/image_record.h"
#include "hooks/settle/late_departure.h"

#define LEAVES_WITH(flags)                                                              \
	"<domstatus state='paused' reason='migration' pid='1'><job type='unspecified' " \
	"async='migration out' phase='confirm3' flags='" flags "'/><domain/></domstatus>"
#define LEAVES LEAVES_WITH("0x43")

/* libvirt 11.3, of a guest whose earlier migration was aborted, and of each one that is destroyed.
 */
#define ENDS "<domstatus state='shutdown' reason='unknown' pid='1'><domain/></domstatus>"

static struct config config;

static int departure_setup(void **state)
{
	struct err err;

	if (site_setup(state) < 0)
		return -1;
	config = (struct config){0};
	write_text(at("a.img"), "the guest's data");
	return file_make_folders(at("run"), 0700, &err);
}

static int act(enum event event, const char *extra, struct err *err)
{
	cleanup_free char *xml = xasprintf(
		"<domain type='kvm'><name>vm1</name><uuid>" UUID "</uuid><os><type>hvm</type>"
		"</os><devices><disk type='file' device='disk'><driver name='qemu' type='raw'/>"
		"<source file='%s'/><target dev='vda'/></disk></devices></domain>",
		at("a.img"));
	cleanup_domain struct domain *domain = NULL;
	struct call call = {.site = &site, .event = event, .extra = extra, .config = &config};

	assert_int_equal(domain_parse(xml, strlen(xml), &domain, err), 0);
	call.domain = domain;
	switch (event) {
	case EVENT_PREPARE:
		return incoming_prepare(&call, NULL, err);
	case EVENT_STOPPED:
		return outgoing_stopped(&call, NULL, err);
	default:
		return outgoing_release(&call, NULL, err);
	}
}

static void note(const char *path, enum image_state state, bool doubtful)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	assert_ok(image_record_load(&site, UUID, &record, &err));
	assert_ok(image_record_note(record, path, state, true, &err));
	image_record_find(record, path)->doubtful = doubtful;
	assert_ok(image_record_save(&site, record, &err));
}

static void leave(const char *extra)
{
	struct err err;

	write_text(at("run/vm1.xml"), LEAVES);
	assert_ok(act(EVENT_STOPPED, "-", &err));
	unlink(at("run/vm1.xml"));
	assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
	if (extra)
		assert_ok(act(EVENT_RELEASE, extra, &err));
}

static void start_in_vain(const char *extra)
{
	struct err err;

	assert_fails(act(EVENT_PREPARE, "-", &err), EPERM, "is stale");
	assert_ok(act(EVENT_STOPPED, "-", &err));
	assert_ok(act(EVENT_RELEASE, extra, &err));
}

static void test_a_refused_start_changes_nothing(void **state)
{
	static const char *const ends[] = {"migrated", "-"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		leave(ends[i]);
		start_in_vain("failed");
		assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
		start_in_vain("-");
		assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
	}
}

static void test_its_release_was_lost(void **state)
{
	(void)state;
	leave(NULL);
	start_in_vain("failed");
	assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
}

static void test_it_has_not_left_after_all(void **state)
{
	struct err err;

	(void)state;
	write_text(at("old.img"), "of another time");
	note(at("old.img"), IMAGE_DEPARTED, false);
	note(at("a.img"), IMAGE_RESIDENT, false);
	leave("failed");
	assert_int_equal(image_state_of(at("a.img")), IMAGE_RESIDENT);
	assert_int_equal(image_state_of(at("old.img")), IMAGE_DEPARTED);
	assert_ok(act(EVENT_PREPARE, "-", &err));
}

/* libvirtd died at its `stopped end`; the next one ends what is left. */
static void test_libvirtd_died_meanwhile(void **state)
{
	static const char *const ends[] = {"daemon", "crashed", "unknown", "destroyed"};

	(void)state;
	config.departed = DEPARTED_REMOVE;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		note(at("a.img"), IMAGE_RESIDENT, false);
		leave(ends[i]);
		assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
		assert_int_equal(access(at("a.img"), F_OK), 0);
	}
}

static void test_what_is_removed(void **state)
{
	(void)state;
	config.departed = DEPARTED_REMOVE;
	note(at("a.img"), IMAGE_DEPARTED, true);
	start_in_vain("-");
	assert_int_equal(access(at("a.img"), F_OK), 0);
	note(at("a.img"), IMAGE_DEPARTED, false);
	start_in_vain("failed");
	assert_int_equal(access(at("a.img"), F_OK), 0);
	leave("migrated");
	assert_int_equal(access(at("a.img"), F_OK), -1);
	assert_int_equal(image_state_of(at("a.img")), IMAGE_STATES);
}

/* Its own journal of before is a newer berth's. */
static void test_the_journal_is_unreadable(void **state)
{
	struct err err;

	(void)state;
	assert_ok(file_make_folders(at("state/journal"), 0700, &err));
	write_text(at("state/journal/" UUID), "berth-journal\t9\n");
	write_text(at("run/vm1.xml"), LEAVES);
	assert_fails(act(EVENT_STOPPED, "-", &err), EBADMSG, "journal");
	assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
}

/* note_copy() - as the guest's manifest names it */
static void note_copy(const char *path)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	note(path, IMAGE_RESIDENT, false);
	assert_ok(image_record_load(&site, UUID, &record, &err));
	struct known_image *image = image_record_find(record, path);
	free(image->copy);
	image->copy = xstrdup("69f63f1d42e8d62582602914910b1fa1");
	assert_ok(image_record_save(&site, record, &err));
}

/* With VIR_MIGRATE_UNSAFE: `berth sync`, which asks libvirt afterwards, may not take them for
 * stale. */
static void test_nobody_can_tell(void **state)
{
	struct err err;

	(void)state;
	note_copy(at("a.img"));
	write_text(at("run/vm1.xml"), LEAVES_WITH("0x243"));
	assert_ok(act(EVENT_STOPPED, "-", &err));
	unlink(at("run/vm1.xml"));
	assert_ok(act(EVENT_RELEASE, "migrated", &err));
	assert_int_equal(late_departure_note(&site, &config, UUID, &err), 0);
	assert_int_equal(image_state_of(at("a.img")), IMAGE_RESIDENT);
	assert_ok(act(EVENT_PREPARE, "-", &err));
	assert_int_equal(late_departure_note(&site, &config, UUID, &err), 1);
}

static void test_only_its_release_tells(void **state)
{
	static const struct {
		const char *extra;
		enum image_state wanted;
	} table[] = {
		{"-", IMAGE_RESIDENT},        {"destroyed", IMAGE_RESIDENT},
		{"crashed", IMAGE_RESIDENT},  {"failed", IMAGE_RESIDENT},
		{"migrated", IMAGE_DEPARTED},
	};
	struct err err;

	(void)state;
	config.departed = DEPARTED_REMOVE;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		note_copy(at("a.img"));
		write_text(at("run/vm1.xml"), ENDS);
		assert_ok(act(EVENT_STOPPED, "-", &err));
		unlink(at("run/vm1.xml"));
		assert_ok(act(EVENT_RELEASE, table[i].extra, &err));
		assert_int_equal(image_state_of(at("a.img")), table[i].wanted);
		assert_int_equal(access(at("a.img"), F_OK), 0);
	}
}

int main(void)
{
#define departure_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, departure_setup, scratch_teardown))
	const struct CMUnitTest tests[] = {
		departure_test(test_a_refused_start_changes_nothing),
		departure_test(test_its_release_was_lost),
		departure_test(test_it_has_not_left_after_all),
		departure_test(test_libvirtd_died_meanwhile),
		departure_test(test_what_is_removed),
		departure_test(test_the_journal_is_unreadable),
		departure_test(test_only_its_release_tells),
		departure_test(test_nobody_can_tell),
	};

	return run_as_tap(tests);
}
