/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A volume is the same after it was written into a line of fields, or into a manifest. */
#include "tests/unit/volume-fixture.h"

#include "hooks/records/volume_fields.h"

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_VOLUMES; i++) {
		cleanup_strbuf struct strbuf text = {0};
		cleanup_volume struct volume read = {0};
		struct fields line;
		strbuf_puts(&text, "volume");
		volume_fields_put(&text, &sample_volumes[i]);
		fields_split(&line, text.text);
		assert_int_equal(volume_fields_get(&line, &read), 0);
		assert_same_volume(&read, &sample_volumes[i]);
	}
}

static void test_manifest(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < SAMPLE_VOLUMES; i++) {
		cleanup_manifest struct manifest *manifest = xcalloc(1, sizeof(*manifest));
		cleanup_volume struct volume read = {0};
		manifest->volumes = xcalloc(1, sizeof(*manifest->volumes));
		manifest->volumes[manifest->volume_count++] =
			volume_to_manifest(&sample_volumes[i], "vdb", "/dev/sdb");
		assert_string_equal(manifest->volumes[0].target, "vdb");
		assert_string_equal(manifest->volumes[0].path, "/dev/sdb");
		assert_ok(volume_of_manifest(&manifest->volumes[0], &read, &err));
		assert_same_volume(&read, &sample_volumes[i]);
	}
}

static void test_not_understood(void **state)
{
	static const char *const lines[] = {
		"volume",
		"volume\tdriver=",
		"volume\tdriver=nvme\tshelf=1",
		"volume\tdriver=iscsi",
		"volume\tdriver=iscsi\tiqn=iqn.x",
		"volume\tdriver=iscsi\tportals=a",
		"volume\tdriver=iscsi\tiqn=iqn.x\tportals=",
		"volume\tdriver=iscsi\tiqn=iqn.x\tportals=a  b",
		"volume\tdriver=iscsi\tiqn=iqn.x\tportals=1 2 3 4 5 6 7 8 9",
		"volume\tdriver=aoe\tshelf=4294967296\tslot=1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct volume read = {0};
		struct fields line;
		fields_split(&line, (char *)keep(xstrdup(lines[i])));
		if (volume_fields_get(&line, &read) != -EBADMSG)
			fail_msg("accepted: %s", lines[i]);
	}
}

static void test_of_a_newer_berth(void **state)
{
	const struct manifest_volume known = {.target = "vdb", .path = "/dev/x", .driver = "nvme"};
	struct volume read;
	struct err err;

	(void)state;
	assert_fails(volume_of_manifest(&known, &read, &err), EINVAL, "kind 'nvme'");
}

/* What they can't hold is as good as unknown, and harms nothing. */
static void test_unspeakable_identity(void **state)
{
	static const char *const names[] = {"", " a", "a ", "a\tlun=2", "a\nb", "\xc3\xa4", "\x7f"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct volume volume = sample_volumes[PLAIN];
		cleanup_strbuf struct strbuf text = {0};
		cleanup_volume struct volume read = {0};
		struct fields line;
		volume.wwn = volume.serial = (char *)names[i];
		strbuf_puts(&text, "volume");
		volume_fields_put(&text, &volume);
		fields_split(&line, text.text);
		assert_int_equal(volume_fields_get(&line, &read), 0);
		volume.wwn = volume.serial = NULL;
		assert_same_volume(&read, &volume);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_fields),           scratch_test(test_manifest),
		scratch_test(test_not_understood),   scratch_test(test_unspeakable_identity),
		scratch_test(test_of_a_newer_berth),
	};

	return run_as_tap(tests);
}
