/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udev's by-path names tell which LUN is meant, and are made as udev makes them. */
#include "tests/unit/image-fixture.h"
#include "storage/iscsi_name.h"

#define BY_PATH "/dev/disk/by-path/"
#define ONE "iqn.2026-11.lab:one"

static void test_there_and_back(void **state)
{
	static const struct {
		const char *path, *portal, *iqn;
		uint64_t lun;
	} cases[] = {
		{BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-1", "10.0.0.1:3260", ONE, 1},
		{BY_PATH "ip-10.0.0.1:860-iscsi-" ONE "-lun-0", "10.0.0.1:860", ONE, 0},
		{BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-255", "10.0.0.1:3260", ONE, 255},
		/* LUN 256 and 16383 in flat addressing */
		{BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-0x4100000000000000", "10.0.0.1:3260",
		 ONE, 16640},
		{BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-0x7fff000000000000", "10.0.0.1:3260",
		 ONE, 32767},
		{BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-0x0001000200000000", "10.0.0.1:3260",
		 ONE, 0x20001},
		{BY_PATH "ip-fd00::1:3260-iscsi-" ONE "-lun-1", "[fd00::1]:3260", ONE, 1},
		{BY_PATH "ip-10.0.0.1:3260-iscsi-iqn.2026-11.lab:a-iscsi-b-lun-7-lun-2",
		 "10.0.0.1:3260", "iqn.2026-11.lab:a-iscsi-b-lun-7", 2},
		{BY_PATH "ip-10.0.0.1:3260-iscsi-iqn.2000-01.com.x:DS_1.Target-1-lun-1",
		 "10.0.0.1:3260", "iqn.2000-01.com.x:DS_1.Target-1", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_volume struct volume volume = {0};
		assert_int_equal(iscsi_of_name(cases[i].path, &volume), 1);
		assert_int_equal(volume.kind, VOLUME_ISCSI);
		assert_int_equal(volume.portal_count, 1);
		assert_string_equal(volume.portals[0], cases[i].portal);
		assert_string_equal(volume.iqn, cases[i].iqn);
		assert_int_equal(volume.lun, cases[i].lun);
		assert_false(volume.wwn || volume.serial || volume.size_bytes);
		cleanup_free char *name = iscsi_stable_name(&volume);
		assert_string_equal(name, cases[i].path);
	}
}

static void test_other_spellings(void **state)
{
	cleanup_volume struct volume volume = {0};

	(void)state;
	assert_int_equal(iscsi_of_name(BY_PATH "ip-[FD00:0::1]:3260-iscsi-" ONE "-lun-1", &volume),
			 1);
	assert_string_equal(volume.portals[0], "[fd00::1]:3260");
}

static void test_tells_nothing(void **state)
{
	static const char *const paths[] = {
		"",
		"/dev/sda",
		"/dev/disk/by-id/wwn-0x6001",
		"/dev/disk/by-pathip-10.0.0.1:3260-iscsi-" ONE "-lun-1",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-1-part1",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-x",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-256",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-01",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun--1",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-0x41",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-0x0001000000000000",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-0x4100000000000001",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE "-lun-0x41000000000000000",
		BY_PATH "ip-10.0.0.1:3260-iscsi-" ONE,
		BY_PATH "ip-10.0.0.1:3260-iscsi-one-lun-1",
		BY_PATH "ip-10.0.0.1:3260-iscsi-iqn./../etc-lun-1",
		BY_PATH "ip-10.0.0.1:3260-iscsi-iqn.a b-lun-1",
		BY_PATH "ip-10.0.0.1-iscsi-" ONE "-lun-1",
		BY_PATH "ip-10.0.0.1:0-iscsi-" ONE "-lun-1",
		BY_PATH "ip-10.0.0.1:65536-iscsi-" ONE "-lun-1",
		BY_PATH "ip-10.0.0.300:3260-iscsi-" ONE "-lun-1",
		BY_PATH "ip-[10.0.0.1]:3260-iscsi-" ONE "-lun-1",
		BY_PATH "ip-fe80::1%eth0:3260-iscsi-" ONE "-lun-1",
		BY_PATH "ip-host.example:3260-iscsi-" ONE "-lun-1",
		BY_PATH "pci-0000:00:01.0-ip-10.0.0.1:3260-iscsi-" ONE "-lun-1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct volume volume = {.iqn = NULL};
		if (iscsi_of_name(paths[i], &volume) != 0)
			fail_msg("'%s' tells of a volume", paths[i]);
	}
}

static void test_long_name(void **state)
{
	char name[ISCSI_NAME_MAX + 2];

	(void)state;
	memset(name, 'a', sizeof(name));
	memcpy(name, "iqn.", 4);
	name[ISCSI_NAME_MAX + 1] = '\0';
	assert_false(iscsi_name_valid(name));
	name[ISCSI_NAME_MAX] = '\0';
	assert_true(iscsi_name_valid(name));
	assert_false(iscsi_name_valid("iqn."));
	assert_true(iscsi_name_valid("eui.02004567A425678D"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_other_spellings),
		cmocka_unit_test(test_tells_nothing),
		cmocka_unit_test(test_long_name),
	};

	return run_as_tap(tests);
}
