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
	assert_ok(image_on_shared_storage(at("not/yet/made.qcow2"), &shared, &err));
	assert_false(shared);
	assert_ok(image_on_shared_storage("/proc/self/stat", &shared, &err));
	assert_false(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_space),
		scratch_test(test_local_disk_is_not_shared),
	};

	return run_as_tap(tests);
}
