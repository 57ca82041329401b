/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names tell of an AoE volume, which don't, and what name a volume has on every host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "storage/volume_driver.h"

static void aoe_names(void **state)
{
	static const char *const others[] = {
		"/dev/etherd/e1.2p1",
		"/dev/etherd/e01.2",
		"/dev/etherd/e1.",
		"/dev/etherd/e1.2 ",
		"/dev/etherd/e65535.1",
		"/dev/etherd/e1.255",
		"/dev/etherd/e+1.2",
		"/dev/etherd/e-1.2",
		"/dev/etherd/e4294967297.2",
		"/dev/etherd/../sda",
		"/dev/etherd/discover",
		"/dev/etherd/",
		"etherd/e1.2",
		"/dev/etherd!e1.2",
		"/dev/sda",
		"",
	};
	cleanup_volume struct volume volume = {0};

	(void)state;
	assert_int_equal(volume_of_name("/dev/etherd/e65534.254", &volume), 1);
	assert_int_equal(volume.kind, VOLUME_AOE);
	assert_int_equal(volume.shelf, 65534);
	assert_int_equal(volume.slot, 254);
	assert_int_equal(volume.size_bytes, 0);
	cleanup_free char *name = volume_stable_name(&volume);
	assert_string_equal(name, "/dev/etherd/e65534.254");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct volume none = {0};
		if (volume_of_name(others[i], &none) != 0)
			fail_msg("'%s' was taken for a volume", others[i]);
	}
}

/* As udev 252 and multipath-tools 0.9.4 named the maps of such devices. */
static void map_names(void **state)
{
	static const struct {
		const char *wwn;
		const char *name;
	} cases[] = {
		{"naa.60000000000000000e00000000010001",
		 "/dev/disk/by-id/dm-uuid-mpath-360000000000000000e00000000010001"},
		{"eui.0025385b71b00001", "/dev/disk/by-id/dm-uuid-mpath-20025385b71b00001"},
		{"t10.IET     00010001", "/dev/disk/by-id/dm-uuid-mpath-1IET_00010001"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct volume volume = {
			.kind = VOLUME_ISCSI,
			.multipath = true,
			.wwn = (char *)cases[i].wwn,
		};
		cleanup_free char *name = volume_stable_name(&volume);
		assert_string_equal(name, cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aoe_names),
		cmocka_unit_test(map_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
