/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volumes as values: copied whole, the same by target and a portal in common, described in a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "storage/volume_driver.h"

static struct volume iscsi(const char *iqn, uint64_t lun, const char *portal)
{
	struct volume volume = {.kind = VOLUME_ISCSI, .iqn = xstrdup(iqn), .lun = lun};

	volume.portals[volume.portal_count++] = xstrdup(portal);
	return volume;
}

static void is_copied(void **state)
{
	cleanup_volume struct volume one = iscsi("iqn.2026-11.lab:one", 3, "10.0.0.1:3260");

	(void)state;
	one.wwn = xstrdup("naa.1");
	one.serial = xstrdup("s");
	one.size_bytes = 4096;
	one.multipath = true;
	cleanup_volume struct volume two = volume_copy(&one);
	assert_ptr_not_equal(two.portals[0], one.portals[0]);
	assert_string_equal(two.portals[0], "10.0.0.1:3260");
	assert_string_equal(two.iqn, "iqn.2026-11.lab:one");
	assert_string_equal(two.wwn, "naa.1");
	assert_string_equal(two.serial, "s");
	assert_int_equal(two.size_bytes, 4096);
	assert_true(two.multipath);
	volume_clear(&two);
	assert_int_equal(two.portal_count, 0);
	assert_null(two.iqn);
}

static void is_the_same(void **state)
{
	cleanup_volume struct volume one = iscsi("iqn.2026-11.lab:one", 1, "10.0.0.1:3260");
	cleanup_volume struct volume portal = iscsi("iqn.2026-11.lab:one", 1, "10.0.0.2:3260");
	cleanup_volume struct volume lun = iscsi("iqn.2026-11.lab:one", 2, "10.0.0.1:3260");
	cleanup_volume struct volume target = iscsi("iqn.2026-11.lab:two", 1, "10.0.0.1:3260");
	struct volume aoe = {.kind = VOLUME_AOE, .shelf = 1, .slot = 2};
	struct volume slot = {.kind = VOLUME_AOE, .shelf = 1, .slot = 3};

	(void)state;
	assert_true(volume_is_same(&one, &one));
	assert_false(volume_is_same(&one, &portal));
	assert_false(volume_is_same(&one, &lun));
	assert_false(volume_is_same(&one, &target));
	assert_false(volume_is_same(&one, &aoe));
	assert_true(volume_is_same(&aoe, &aoe));
	assert_false(volume_is_same(&aoe, &slot));
	assert_false(volume_add_path(&one, &lun));
	assert_false(volume_add_path(&one, &target));
	assert_true(volume_add_path(&one, &portal));
	assert_true(volume_add_path(&one, &portal));
	assert_int_equal(one.portal_count, 2);
	assert_true(volume_is_same(&one, &portal));
}

static void is_described(void **state)
{
	cleanup_volume struct volume one = iscsi("iqn.2026-11.lab:one", 1, "10.0.0.1:3260");
	cleanup_volume struct volume two = iscsi("iqn.2026-11.lab:one", 1, "[fd00::1]:3260");
	struct volume aoe = {.kind = VOLUME_AOE, .shelf = 1, .slot = 2};
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	volume_describe(&one, &text);
	strbuf_puts(&text, "; ");
	volume_add_path(&one, &two);
	volume_describe(&one, &text);
	strbuf_puts(&text, "; ");
	volume_describe(&aoe, &text);
	assert_string_equal(text.text,
			    "iscsi iqn.2026-11.lab:one lun 1 at 10.0.0.1:3260; "
			    "iscsi iqn.2026-11.lab:one lun 1 at 10.0.0.1:3260, [fd00::1]:3260; "
			    "aoe e1.2");
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(volume_kind_name(VOLUME_ISCSI), "iscsi");
	assert_string_equal(volume_kind_name(VOLUME_AOE), "aoe");
	assert_int_equal(volume_kind_find("iscsi"), VOLUME_ISCSI);
	assert_int_equal(volume_kind_find("aoe"), VOLUME_AOE);
	assert_int_equal(volume_kind_find("rbd"), -1);
	assert_int_equal(volume_kind_find(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_copied),
		cmocka_unit_test(is_the_same),
		cmocka_unit_test(is_described),
		cmocka_unit_test(kinds_have_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
