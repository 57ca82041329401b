/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No value forges a field or a line: journals and records with a control character in a value are
 * not written, whoever asks for it; what was there stays. */
#include "tests/unit/journal-fixture.h"

#include "hooks/records/image_record.h"
#include "hooks/records/network_record.h"
#include "hooks/records/volume_record.h"

static const char *const hostile[] = {
	"/srv/a\tbacking-path=/etc/shadow",
	"/srv/a\nphase\tname=ran\tbegan=1",
	"/srv/a\r",
	"/srv/\x01",
	"/srv/\x1b[2J",
	"/srv/\x7f",
	"/srv/\xc2\x9b"
	"2J",
};

/* Bytes that only look like it, and empty values. */
static const char *const harmless[] = {"", "/srv/\xc3\x9b", "/srv/\xc2\xa0", "/srv/\x9b",
				       "/srv/\xc2"};

static void assert_no_journal(const struct journal_start *start, const char *key)
{
	struct journal *journal = NULL;
	struct err err;

	assert_fails(journal_create(&site, start, &journal, &err), EINVAL,
		     keep(xasprintf("'%s' in a line '", key)));
	assert_null(journal);
	assert_string_equal(files_below(site.state), "");
}

static void test_journal(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *bad = (char *)hostile[i];
		struct step step = {.kind = STEP_IMAGE, .disk = "vda", .path = "/srv/a"};
		struct rename rename = {"path", "/a", "/b"};
		struct journal_start start = {
			.name = "vm1",
			.uuid = UUID,
			.token = TOKEN,
			.steps = &step,
			.step_count = 1,
			.renames = &rename,
			.rename_count = 1,
		};
		start.name = bad;
		assert_no_journal(&start, "name");
		start.name = "vm1";
		start.source = bad;
		assert_no_journal(&start, "source");
		start.source = NULL;
		step.backing_path = bad;
		assert_no_journal(&start, "backing-path");
		step.backing_path = NULL;
		step.path = bad;
		assert_no_journal(&start, "path");
		step.path = "/srv/a";
		rename.to = bad;
		assert_no_journal(&start, "to");
		rename.to = "/b";
		step.kind = STEP_VOLUME;
		step.volume = (struct volume){.kind = VOLUME_ISCSI, .iqn = bad};
		assert_no_journal(&start, "iqn");
	}
}

static void test_harmless(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
		struct rename rename = {"path", (char *)harmless[i], "/b"};
		struct journal_start start = {.name = "vm1",
					      .uuid = UUID,
					      .token = TOKEN,
					      .renames = &rename,
					      .rename_count = 1};
		struct journal *journal = NULL;
		assert_ok(journal_create(&site, &start, &journal, &err));
		journal_closep(&journal);
		journal = open_again();
		assert_string_equal(journal->renames[0].from, harmless[i]);
		assert_ok(journal_remove(&journal, &err));
	}
}

static void test_image_record(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct known_image images[] = {{.path = "/srv/a"}, {.path = (char *)hostile[i]}};
		struct image_record record = {
			.uuid = UUID, .name = "vm1", .images = images, .count = 1};
		assert_ok(image_record_save(&site, &record, &err));
		const char *before = files_below(site.state);
		record.count = 2;
		assert_fails(image_record_save(&site, &record, &err), EINVAL,
			     "'path' in a line 'image'");
		cleanup_image_record struct image_record *read = NULL;
		assert_ok(image_record_load(&site, UUID, &read, &err));
		assert_int_equal(read->count, 1);
		assert_string_equal(files_below(site.state), before);
	}
}

static void test_volume_record(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct known_volume volume = {.target = "vdb",
					      .path = (char *)hostile[i],
					      .volume = {.kind = VOLUME_AOE}};
		struct volume_record record = {
			.uuid = UUID, .name = "vm1", .volumes = &volume, .count = 1};
		assert_fails(volume_record_save(&site, &record, &err), EINVAL,
			     "'path' in a line 'volume'");
		assert_false(exists(at("state/volumes/" UUID)));
	}
}

static void test_network_record(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct network_entry entry = {
			.kind = NETWORK_TRUNK, .uplink = (char *)hostile[i], .vlan = 1};
		struct network_record record = {.entries = &entry, .count = 1};
		assert_fails(network_record_save(&site, &record, &err), EINVAL,
			     "'uplink' in a line 'trunk'");
		assert_false(exists(at("state/network")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_journal),        site_test(test_harmless),
		site_test(test_image_record),   site_test(test_volume_record),
		site_test(test_network_record),
	};

	return run_as_tap(tests);
}
