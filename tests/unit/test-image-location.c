/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free space and the kind of storage are told of a path that may not exist yet. */
#include "tests/unit/image-fixture.h"
#include <sys/statvfs.h>

#include "storage/location.h"

static void test_space(void **state)
{
	uint64_t here, below;
	struct statvfs fs;
	struct err err;

	(void)state;
	assert_ok(space_available(scratch, &here, &err));
	assert_ok(space_available(at("not/yet/made.qcow2"), &below, &err));
	assert_int_equal(statvfs(scratch, &fs), 0);
	/* Others use the file system too. */
	assert_in_range(here, 1, (uint64_t)fs.f_blocks * fs.f_frsize);
	assert_in_range(below, here / 2, here * 2);
}

static void test_local_disk_is_not_shared(void **state)
{
	struct err err;
	bool shared = true;

	(void)state;
	assert_ok(image_on_shared_storage(at("not/yet/made.qcow2"), NULL, 0, &shared, &err));
	assert_false(shared);
	assert_ok(image_on_shared_storage("/proc/self/stat", NULL, 0, &shared, &err));
	assert_false(shared);
}

/* Whatever names the folder, the image or both are called by. */
static void test_named_folder_is_shared(void **state)
{
	static const struct {
		const char *path;
		bool wanted;
	} table[] = {
		{"pool/vm1", true},     {"pool/new/vm1", true}, {"to-pool/vm1", true},
		{"pool-2/vm1", false},  {"pool/out", false},    {"to-image", true},
		{"to-pool/out", false}, {"nowhere/vm1", false},
	};
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("pool"), 0755), 0);
	assert_int_equal(mkdir(at("pool-2"), 0755), 0);
	fclose(fopen(at("pool/vm1"), "w"));
	fclose(fopen(at("pool-2/vm1"), "w"));
	assert_int_equal(symlink("pool", at("to-pool")), 0);
	assert_int_equal(symlink("pool/vm1", at("to-image")), 0);
	assert_int_equal(symlink("../pool-2/vm1", at("pool/out")), 0);
	for (int by_link = 0; by_link < 2; by_link++) {
		cleanup_free char *folder = xstrdup(at(by_link ? "to-pool" : "pool"));
		cleanup_free char *absent = xstrdup(at("nowhere"));
		const char *const folders[] = {absent, folder};
		for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
			bool shared = !table[i].wanted;
			assert_ok(image_on_shared_storage(at(table[i].path), folders, 2, &shared,
							  &err));
			if (shared != table[i].wanted)
				fail_msg("%s in %s", table[i].path, folder);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_space),
		scratch_test(test_local_disk_is_not_shared),
		scratch_test(test_named_folder_is_shared),
	};

	return run_as_tap(tests);
}
