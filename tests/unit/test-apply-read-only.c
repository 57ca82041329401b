/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where images can't be written the migration is refused, and nothing is left behind: no journal.
 */
#include "tests/unit/apply-fixture.h"

#include <sched.h>
#include <sys/mount.h>

static int read_only_setup(void **state)
{
	if (apply_setup(state) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(at("vm"), at("vm"), NULL, MS_BIND, NULL) < 0)
		return -1;
	return 0;
}

static int read_only_teardown(void **state)
{
	umount(at("vm"));
	return scratch_teardown(state);
}

static void test_nothing_is_left(void **state)
{
	struct journal *journal = start_journal();
	struct err err;

	(void)state;
	assert_int_equal(mount("none", at("vm"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	assert_fails(apply_steps(&site, NULL, &journal, &err), EROFS, "Read-only file system");
	assert_as_before();
}

/* The same for each step as the one that fails first. */
static void test_undo_finds_nothing(void **state)
{
	struct journal *journal = start_journal();
	struct err err;

	(void)state;
	assert_int_equal(mount("none", at("vm"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_as_before();
}

#define read_only_test(f)                                                              \
	needing(geteuid() == 0 && have_qemu(), "root and qemu-img",                    \
		(struct CMUnitTest)cmocka_unit_test_setup_teardown(f, read_only_setup, \
								   read_only_teardown))

int main(void)
{
	const struct CMUnitTest tests[] = {
		read_only_test(test_nothing_is_left),
		read_only_test(test_undo_finds_nothing),
	};

	return run_as_tap(tests);
}
