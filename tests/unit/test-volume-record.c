/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The volume record of a guest: what was noted is found again; who else has a volume is seen. */
#include "tests/unit/site-fixture.h"
#include "tests/unit/volume-fixture.h"

#include <time.h>

#include "hooks/records/volume_record.h"

static const char *const targets[] = {"vdb", "sd:c-1", "vdd", "vde", "vdf"};

static struct volume_record *load(const char *uuid)
{
	struct volume_record *record = NULL;
	struct err err;

	assert_ok(volume_record_load(&site, uuid, &record, &err));
	assert_string_equal(record->uuid, uuid);
	return record;
}

static void save(const struct volume_record *record)
{
	struct err err;

	assert_ok(volume_record_save(&site, record, &err));
}

/* With all samples, one in each state, and one more. */
static struct volume_record *noted(const char *uuid)
{
	struct volume_record *record = load(uuid);

	record->name = xstrdup("vm 1='\"\xc3\xa4,");
	for (size_t i = 0; i < SAMPLE_VOLUMES; i++)
		volume_record_note(record, targets[i], "/dev/disk/a b=c,\\n%s", &sample_volumes[i],
				   (enum volume_state)(i % VOLUME_STATES));
	return record;
}

static void test_nothing_known(void **state)
{
	(void)state;
	cleanup_volume_record struct volume_record *record = load(UUID);
	assert_int_equal(record->count, 0);
	assert_null(record->name);
	assert_null(volume_record_find(record, "vdb"));
	save(record);
	assert_string_equal(files_below(scratch), "");
}

/* A stopped guest's volume is still remembered, by its old name, when a migration that wanted it is
 * undone; one that wasn't known is forgotten. */
static void test_undone_is_as_before(void **state)
{
	(void)state;
	cleanup_volume_record struct volume_record *record = load(UUID);
	volume_record_note(record, "vdb", "/dev/sdb", &sample_volumes[AOE], VOLUME_DETACHED);
	volume_record_note(record, "vdb", "/dev/etherd/x", &sample_volumes[AOE], VOLUME_ATTACHED);
	volume_record_note(record, "vdb", "/dev/etherd/x", &sample_volumes[AOE], VOLUME_ATTACHED);
	volume_record_note(record, "vdc", "/dev/etherd/y", &sample_volumes[PLAIN], VOLUME_ATTACHED);
	save(record);
	cleanup_volume_record struct volume_record *again = load(UUID);
	volume_record_take_back(again, "vdb");
	volume_record_take_back(again, "vdc");
	assert_string_equal(volume_record_find(again, "vdb")->path, "/dev/sdb");
	assert_int_equal(volume_record_find(again, "vdb")->state, VOLUME_RELEASING);
	assert_int_equal(volume_record_find(again, "vdc")->state, VOLUME_LEAVING);
}

static void test_saved_and_loaded(void **state)
{
	(void)state;
	cleanup_volume_record struct volume_record *record = noted(UUID);
	save(record);
	cleanup_volume_record struct volume_record *again = load(UUID);
	assert_string_equal(again->name, record->name);
	assert_int_equal(again->count, SAMPLE_VOLUMES);
	for (size_t i = 0; i < SAMPLE_VOLUMES; i++) {
		const struct known_volume *known = volume_record_find(again, targets[i]);
		assert_string_equal(known->path, "/dev/disk/a b=c,\\n%s");
		assert_int_equal(known->state, i % VOLUME_STATES);
		assert_in_range(time(NULL) - known->since, 0, 60);
		assert_same_volume(&known->volume, &sample_volumes[i]);
	}
}

static void test_noted_anew(void **state)
{
	(void)state;
	cleanup_volume_record struct volume_record *record = noted(UUID);
	volume_record_note(record, "vdd", "/dev/sdx", &sample_volumes[AOE], VOLUME_RELEASING);
	assert_int_equal(record->count, SAMPLE_VOLUMES);
	assert_string_equal(volume_record_find(record, "vdd")->path, "/dev/sdx");
	assert_same_volume(&volume_record_find(record, "vdd")->volume, &sample_volumes[AOE]);
}

static void test_dropped(void **state)
{
	(void)state;
	cleanup_volume_record struct volume_record *record = noted(UUID);
	save(record);
	volume_record_drop(record, "vdd");
	volume_record_drop(record, "vdz");
	assert_int_equal(record->count, SAMPLE_VOLUMES - 1);
	assert_null(volume_record_find(record, "vdd"));
	assert_same_volume(&volume_record_find(record, "vdf")->volume, &sample_volumes[ODD]);
	while (record->count > 0)
		volume_record_drop(record, record->volumes[0].target);
	save(record);
	assert_string_equal(files_below(scratch), "");
}

static void test_change(void **state)
{
	struct err err;

	(void)state;
	cleanup_volume_record struct volume_record *record = noted(UUID);
	save(record);
	assert_int_equal(volume_record_change(&site, UUID, VOLUME_ATTACHED, VOLUME_LEAVING, &err),
			 2);
	assert_int_equal(volume_record_change(&site, UUID, VOLUME_ATTACHED, VOLUME_LEAVING, &err),
			 0);
	cleanup_volume_record struct volume_record *again = load(UUID);
	assert_int_equal(volume_record_find(again, "vdb")->state, VOLUME_LEAVING);
	assert_int_equal(volume_record_find(again, "sd:c-1")->state, VOLUME_RELEASING);
	assert_int_equal(
		volume_record_change(&site, OTHER_UUID, VOLUME_ATTACHED, VOLUME_LEAVING, &err), 0);
}

static int user_of(const struct volume *volume, const char *uuid, const char *target,
		   const char **name)
{
	struct err err;
	char *found = NULL;
	int rc = volume_record_user(&site, volume, uuid, target, &found, &err);

	assert_in_range(rc, 0, 1);
	*name = found ? keep(found) : NULL;
	return rc;
}

static void test_user(void **state)
{
	const struct volume *volume = &sample_volumes[PLAIN];
	struct volume by_other_portal = *volume, other_lun = *volume;
	const char *name;

	(void)state;
	by_other_portal.portals[0] = "10.9.9.9:3260";
	other_lun.lun = 2;
	assert_int_equal(user_of(volume, UUID, "vdb", &name), 0);
	cleanup_volume_record struct volume_record *record = noted(OTHER_UUID);
	save(record);
	assert_int_equal(user_of(volume, UUID, "vdb", &name), 1);
	assert_string_equal(name, record->name);
	assert_int_equal(user_of(&by_other_portal, UUID, "vdb", &name), 0);
	assert_int_equal(user_of(&other_lun, UUID, "vdb", &name), 0);
	/* It is this very disk; and another disk of the same guest. */
	assert_int_equal(user_of(volume, OTHER_UUID, "vdb", &name), 0);
	assert_int_equal(user_of(volume, OTHER_UUID, "vdz", &name), 1);
	for (int gone = VOLUME_RELEASING; gone < VOLUME_STATES; gone++) {
		volume_record_set_state(volume_record_find(record, "vdb"), (enum volume_state)gone);
		save(record);
		assert_int_equal(user_of(volume, UUID, "vdb", &name), 0);
	}
}

static void test_broken(void **state)
{
	static const char *const texts[] = {
		"",
		"berth-volumes\t2\n",
		"berth-volumes\t1\nimage\tpath=/a\n",
		"berth-volumes\t1\nvolume\ttarget=vdb\tpath=/a\tstate=attached\tsince=1\n",
		"berth-volumes\t1\nvolume\ttarget=vdb\tpath=/a\tstate=odd\tsince=1\tdriver=aoe\n",
		"berth-volumes\t1\nvolume\ttarget=vdb\tpath=/a\tstate=attached\tdriver=aoe\n",
		"berth-volumes\t1\nvolume\tpath=/a\tstate=attached\tsince=1\tdriver=aoe\n",
	};
	static const char *const naming[] = {
		"berth-volumes\t2\nvolume\tdriver=aoe\tshelf=65534\tslot=254\n",
		"garbage\tslot=254\tshelf=65534",
	};
	struct volume_record *record;
	struct err err;
	const char *name;

	(void)state;
	assert_ok(file_make_folders(at("state/volumes"), 0700, &err));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		write_text(at("state/volumes/" UUID), texts[i]);
		assert_fails(volume_record_load(&site, UUID, &record, &err), EBADMSG, UUID);
		assert_int_equal(user_of(&sample_volumes[AOE], OTHER_UUID, "vdb", &name), 0);
	}
	/* Where it may be that guest's it is left alone. */
	for (size_t i = 0; i < ARRAY_SIZE(naming); i++) {
		write_text(at("state/volumes/" UUID), naming[i]);
		assert_int_equal(user_of(&sample_volumes[AOE], OTHER_UUID, "vdb", &name), 1);
		assert_string_equal(name, UUID);
		assert_int_equal(user_of(&sample_volumes[BARE], OTHER_UUID, "vdb", &name), 0);
	}
	assert_int_equal(truncate(at("state/volumes/" UUID), (off_t)65 << 20), 0);
	assert_int_equal(user_of(&sample_volumes[BARE], OTHER_UUID, "vdb", &name), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_nothing_known),
		site_test(test_saved_and_loaded),
		site_test(test_undone_is_as_before),
		site_test(test_noted_anew),
		site_test(test_dropped),
		site_test(test_change),
		site_test(test_user),
		site_test(test_broken),
	};

	return run_as_tap(tests);
}
