/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network record comes back as it was written, is forgotten at a reboot, and is never guessed.
 */
#include "tests/unit/site-fixture.h"

#include "hooks/records/network_record.h"

static void add(struct network_record *record, enum network_kind kind, const char *uplink,
		const char *uuid, uint16_t vlan)
{
	struct network_entry entry = {
		.kind = kind,
		.uplink = (char *)uplink,
		.uuid = (char *)uuid,
		.vlan = vlan,
		.since = uuid ? 1700000000 : 0,
	};

	network_record_add(record, &entry);
}

static void write_three(void)
{
	cleanup_network_record struct network_record record = {0};
	struct err err;
	cleanup_close int lock = network_record_open(&site, &record, &err);

	assert_true(lock >= 0);
	add(&record, NETWORK_TRUNK, "eth1", NULL, 100);
	add(&record, NETWORK_BRIDGE, "eth2", NULL, 4094);
	add(&record, NETWORK_CLAIM, NULL, UUID, 1);
	add(&record, NETWORK_TRUNK, "eth1", NULL, 100); /* is there already */
	assert_int_equal(record.count, 3);
	assert_ok(network_record_save(&site, &record, &err));
}

static void comes_back(void **state)
{
	cleanup_network_record struct network_record record = {0};
	struct err err;

	(void)state;
	write_three();
	cleanup_close int lock = network_record_open(&site, &record, &err);
	assert_true(lock >= 0);
	assert_int_equal(record.count, 3);
	assert_int_equal(record.entries[0].kind, NETWORK_TRUNK);
	assert_string_equal(record.entries[0].uplink, "eth1");
	assert_int_equal(record.entries[0].vlan, 100);
	assert_string_equal(record.entries[1].uplink, "eth2");
	assert_int_equal(record.entries[1].vlan, 4094);
	assert_int_equal(record.entries[2].kind, NETWORK_CLAIM);
	assert_string_equal(record.entries[2].uuid, UUID);
	assert_null(record.entries[2].uplink);
	assert_int_equal(record.entries[2].since, 1700000000);
}

static void leaves_no_empty_file(void **state)
{
	cleanup_network_record struct network_record record = {0};
	struct err err;

	(void)state;
	write_three();
	cleanup_close int lock = network_record_open(&site, &record, &err);
	while (record.count > 0)
		network_record_drop(&record, 0);
	assert_ok(network_record_save(&site, &record, &err));
	assert_false(file_exists(at("state/network")));
	assert_ok(network_record_save(&site, &record, &err));
}

static const char *this_boot(void)
{
	cleanup_strbuf struct strbuf id = {0};
	struct err err;

	assert_ok(file_read("/proc/sys/kernel/random/boot_id", 64, &id, &err));
	return keep(xstrndup(id.text, strcspn(id.text, "\n")));
}

/* Opens what the text says. Return: the number of entries, or a negative errno. */
static int open_text(const char *boot, const char *lines, struct err *err)
{
	cleanup_network_record struct network_record record = {0};
	struct err folder_err;

	assert_true(file_make_folders(site.state, 0700, &folder_err) == 0);
	write_text(at("state/network"),
		   keep(xasprintf("berth-network\t1\nboot\tid=%s\n%s", boot, lines)));
	cleanup_close int lock = network_record_open(&site, &record, err);
	return lock < 0 ? lock : (int)record.count;
}

static void another_boot_has_other_links(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(open_text(this_boot(), "trunk\tuplink=eth1\tvlan=100\n", &err), 1);
	assert_int_equal(open_text("another", "trunk\tuplink=eth1\tvlan=100\n", &err), 0);
}

static void what_is_not_understood_is_not_guessed(void **state)
{
	static const char *const texts[] = {
		"tunnel\tuplink=eth1\tvlan=100\n",
		"trunk\tuplink=eth1\tvlan=0\n",
		"trunk\tuplink=eth1\tvlan=4095\n",
		"trunk\tuplink=eth1\n",
		"trunk\tvlan=100\n",
		"bridge\tvlan=100\n",
		"claim\tvlan=100\tsince=1\n",
		"claim\tuuid=" UUID "\tvlan=100\n",
		"trunk\tuplink=eth1\tvlan=100x\n",
		"garbage\n",
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(open_text(this_boot(), texts[i], &err), -EBADMSG);
		assert_non_null(strstr(err.text, "is not understood; is it from a newer berth?"));
	}
	write_text(at("state/network"), "berth-network\t2\nboot\tid=x\n");
	cleanup_network_record struct network_record record = {0};
	assert_int_equal(network_record_open(&site, &record, &err), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(comes_back),
		site_test(leaves_no_empty_file),
		site_test(another_boot_has_other_links),
		site_test(what_is_not_understood_is_not_guessed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("network record", tests, NULL, NULL);
}
