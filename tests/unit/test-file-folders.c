/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making folders: all that are missing, with their mode; those that are there stay as they are. */
#include "tests/unit/image-fixture.h"

static void assert_folder(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, mode);
}

static void test_all_that_are_missing(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("a"), 0711), 0);
	assert_ok(file_make_folders(at("a/b/c/d"), 0700, &err));
	assert_folder(at("a"), 0711);
	assert_folder(at("a/b"), 0700);
	assert_folder(at("a/b/c"), 0700);
	assert_folder(at("a/b/c/d"), 0700);
}

static void test_again(void **state)
{
	struct err err;

	(void)state;
	assert_ok(file_make_folders(at("a/b"), 0700, &err));
	assert_ok(file_make_folders(at("a/b"), 0711, &err));
	assert_folder(at("a/b"), 0700);
	assert_ok(file_make_folders("/", 0700, &err));
}

static void test_a_file_in_the_way(void **state)
{
	struct err err;

	(void)state;
	write_text(at("file"), "");
	assert_fails(file_make_folders(at("file/b"), 0700, &err), ENOTDIR,
		     keep(xasprintf("make folder '%s'", at("file"))));
	assert_fails(file_make_folders(at("file"), 0700, &err), ENOTDIR,
		     keep(xasprintf("make folder '%s'", at("file"))));
}

static void test_a_link_to_a_folder_is_fine(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("real"), 0700), 0);
	assert_int_equal(symlink("real", at("link")), 0);
	assert_ok(file_make_folders(at("link/b"), 0700, &err));
	assert_folder(at("real/b"), 0700);
	assert_ok(file_make_folders(at("link"), 0700, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_all_that_are_missing),
		scratch_test(test_again),
		scratch_test(test_a_file_in_the_way),
		scratch_test(test_a_link_to_a_folder_is_fine),
	};

	return run_as_tap(tests);
}
