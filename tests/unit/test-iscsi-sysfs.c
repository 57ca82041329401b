/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions and their devices are read from sysfs by what they are. The tree is as a kernel of 6.1
 * shows one session of iscsi_tcp with tgt's LUN 1. */
#include "tests/unit/image-fixture.h"
#include "storage/iscsi_session.h"

#define IQN "iqn.2026-11.lab:one"

static void put(const char *folder, const char *name, const char *text)
{
	struct err err;

	assert_ok(file_make_folders(at(folder), 0755, &err));
	write_text(keep(xasprintf("%s/%s", at(folder), name)), text);
}

static void add_session(unsigned sid, unsigned host, const char *iqn, const char *address)
{
	const char *class = keep(xasprintf("class/iscsi_session/session%u", sid));
	const char *connection = keep(xasprintf("class/iscsi_connection/connection%u:0", sid));
	const char *folder = keep(xasprintf("devices/platform/host%u/session%u", host, sid));
	struct err err;

	put(class, "targetname", keep(xasprintf("%s\n", iqn)));
	put(class, "state", "LOGGED_IN\n");
	put(connection, "persistent_address", keep(xasprintf("%s\n", address)));
	put(connection, "persistent_port", "3260\n");
	put(connection, "address", "10.9.9.9\n");
	put(connection, "port", "3261\n");
	assert_ok(file_make_folders(at(folder), 0755, &err));
	assert_int_equal(symlink(at(folder), keep(xasprintf("%s/device", at(class)))), 0);
}

static void add_device(unsigned sid, unsigned host, const char *lun, const char *type,
		       const char *disk)
{
	const char *folder =
		keep(xasprintf("devices/platform/host%u/session%u/target%u:0:0/%u:0:0:%s", host,
			       sid, host, host, lun));
	struct err err;

	put(folder, "type", keep(xasprintf("%s\n", type)));
	put(folder, "state", "running\n");
	assert_ok(file_make_folders(at("bus/scsi/devices"), 0755, &err));
	assert_int_equal(
		symlink(at(folder), at(keep(xasprintf("bus/scsi/devices/%u:0:0:%s", host, lun)))),
		0);
	if (!disk)
		return;
	put(folder, "wwid", "t10.IET     00010001\n\n");
	put(keep(xasprintf("%s/block/%s", folder, disk)), "size", "32768\n");
	put(keep(xasprintf("class/block/%s", disk)), "size", "32768\n");
	assert_int_equal(symlink(at(folder), at(keep(xasprintf("class/block/%s/device", disk)))),
			 0);
	write_file(at(keep(xasprintf("%s/vpd_pg80", folder))), "\0\x80\0\x08  beaf1 ", 12);
}

static void test_sessions(void **state)
{
	unsigned sids[2];

	(void)state;
	assert_int_equal(iscsi_sessions_find(scratch, IQN, "10.0.0.1:3260", sids, 2), 0);
	add_session(12, 3, IQN, "10.0.0.1");
	add_session(13, 4, IQN "x", "10.0.0.1");
	add_session(14, 5, IQN, "fd00::1");
	assert_int_equal(iscsi_sessions_find(scratch, IQN, "10.0.0.1:3260", sids, 2), 1);
	assert_int_equal(sids[0], 12);
	assert_int_equal(iscsi_sessions_find(scratch, IQN, "[fd00::1]:3260", sids, 2), 1);
	assert_int_equal(sids[0], 14);
	/* where the target has redirected both to */
	assert_int_equal(iscsi_sessions_find(scratch, IQN, "10.9.9.9:3261", sids, 2), 2);
	assert_int_equal(iscsi_sessions_find(scratch, IQN, "10.9.9.9:3261", sids, 1), 1);
	assert_int_equal(iscsi_sessions_find(scratch, IQN, "10.0.0.1:3261", sids, 2), 0);
	assert_true(iscsi_session_exists(scratch, 12) && iscsi_session_is_up(scratch, 12));
	assert_false(iscsi_session_exists(scratch, 1));
	put("class/iscsi_session/session12", "state", "FAILED\n");
	assert_false(iscsi_session_is_up(scratch, 12));
}

static void test_devices(void **state)
{
	struct scsi_address address;

	(void)state;
	add_session(12, 3, IQN, "10.0.0.1");
	assert_true(iscsi_session_address(scratch, 12, 1, &address));
	assert_int_equal(address.host, 3);
	assert_false(scsi_device_exists(scratch, &address));
	add_device(12, 3, "0", "12", NULL);
	add_device(12, 3, "1", "0", "sdb");
	assert_true(scsi_device_exists(scratch, &address));
	cleanup_free char *disk = scsi_device_disk(scratch, &address);
	assert_string_equal(disk, "sdb");
	assert_false(iscsi_session_has_others(scratch, 12, 1));
	assert_true(iscsi_session_has_others(scratch, 12, 2));
	add_device(12, 3, "16640", "0", NULL);
	assert_true(iscsi_session_has_others(scratch, 12, 1));
	address.lun = 16640;
	assert_null(scsi_device_disk(scratch, &address));
	assert_true(scsi_device_is_lun(scratch, &address));
	address.lun = 0;
	assert_true(scsi_device_exists(scratch, &address));
	assert_false(scsi_device_is_lun(scratch, &address));
	assert_false(iscsi_session_address(scratch, 13, 1, &address));
}

/* The kernel's device_del() takes the attributes away first, then the link, then the disk. */
static void test_device_that_is_going(void **state)
{
	struct scsi_address address;

	(void)state;
	add_session(12, 3, IQN, "10.0.0.1");
	add_device(12, 3, "1", "0", "sdb");
	assert_true(iscsi_session_address(scratch, 12, 1, &address));
	assert_false(scsi_device_is_going(scratch, &address));
	put("bus/scsi/devices/3:0:0:1", "state", "transport-offline\n");
	assert_false(scsi_device_is_going(scratch, &address));
	put("bus/scsi/devices/3:0:0:1", "state", "cancel\n");
	assert_true(scsi_device_is_going(scratch, &address));
	assert_null(scsi_device_disk(scratch, &address));
	put("bus/scsi/devices/3:0:0:1", "state", "deleted\n");
	assert_true(scsi_device_is_going(scratch, &address));
	assert_int_equal(unlink(at("bus/scsi/devices/3:0:0:1/state")), 0);
	assert_true(scsi_device_is_going(scratch, &address));
	assert_null(scsi_device_disk(scratch, &address));
	assert_int_equal(unlink(at("bus/scsi/devices/3:0:0:1")), 0);
	assert_false(scsi_device_is_going(scratch, &address));
}

static void test_which_volume(void **state)
{
	cleanup_volume struct volume volume = {0}, other = {0};

	(void)state;
	add_session(12, 3, IQN, "storage.example");
	add_device(12, 3, "16640", "0", "sdb");
	assert_int_equal(iscsi_session_of_disk(scratch, "sdb", &volume), 1);
	assert_string_equal(volume.iqn, IQN);
	assert_int_equal(volume.lun, 16640);
	assert_int_equal(volume.portal_count, 1);
	assert_string_equal(volume.portals[0], "10.9.9.9:3261");
	assert_string_equal(volume.wwn, "t10.IET     00010001");
	assert_string_equal(volume.serial, "beaf1");
	assert_int_equal(volume.size_bytes, 16 * MIB);
	assert_int_equal(iscsi_session_of_disk(scratch, "sdc", &other), 0);
	/* a disk that is no iSCSI one */
	put("devices/pci/host0/target0:0:0/0:0:0:0", "type", "0\n");
	put("class/block/sda", "size", "1\n");
	assert_int_equal(
		symlink(at("devices/pci/host0/target0:0:0/0:0:0:0"), at("class/block/sda/device")),
		0);
	assert_int_equal(iscsi_session_of_disk(scratch, "sda", &other), 0);
}

static void test_addresses(void **state)
{
	static const char *const wrong[] = {"",       "1",      "1:2:3",   "1:2:3:4:5",
					    "1:2:3:", ":1:2:3", "a:0:0:0", "4294967296:0:0:0"};
	struct scsi_address address;

	(void)state;
	assert_true(scsi_address_parse("3:0:1:18446744073709551615", &address));
	assert_true(address.host == 3 && address.channel == 0 && address.target == 1 &&
		    address.lun == UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(scsi_address_parse(wrong[i], &address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_sessions),
		scratch_test(test_devices),
		scratch_test(test_device_that_is_going),
		scratch_test(test_which_volume),
		cmocka_unit_test(test_addresses),
	};

	return run_as_tap(tests);
}
