/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands at a path is never replaced by a made image, whatever it is. */
#include "tests/unit/image-fixture.h"
#include "storage/provision.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

static struct file_id make(const char *name)
{
	struct new_image what = {
		.path = at(name),
		.format = "raw",
		.virtual_bytes = MIB,
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.token = TOKEN,
	};
	struct file_id id;
	struct err err;

	assert_ok(provision_make(&what, NULL, &id, &err));
	return id;
}

static void assert_not_placed(const char *name, const struct file_id *id)
{
	struct err err;

	assert_fails(provision_place(at(name), NULL, TOKEN, id, &err), EEXIST,
		     "exists already; move it away");
}

static void test_file(void **state)
{
	struct stat before, after;

	(void)state;
	write_text(at("a.img"), "precious");
	assert_int_equal(stat(at("a.img"), &before), 0);
	struct file_id id = make("a.img");
	assert_not_placed("a.img", &id);
	assert_file_holds(at("a.img"), "precious");
	assert_int_equal(stat(at("a.img"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

static void test_links(void **state)
{
	char end[16];

	(void)state;
	assert_int_equal(symlink("nowhere", at("dangling")), 0);
	struct file_id id = make("dangling");
	assert_not_placed("dangling", &id);
	assert_int_equal(readlink(at("dangling"), end, sizeof(end)), 7);
	assert_false(exists(at("nowhere")));
	write_text(at("target"), "precious");
	assert_int_equal(symlink("target", at("link")), 0);
	id = make("link");
	assert_not_placed("link", &id);
	assert_file_holds(at("target"), "precious");
}

static void test_folder(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("folder"), 0755), 0);
	struct file_id id = make("folder");
	assert_not_placed("folder", &id);
}

static void test_placing_twice_is_once(void **state)
{
	struct file_id there;
	struct err err;

	(void)state;
	struct file_id id = make("a.img");
	assert_ok(provision_place(at("a.img"), NULL, TOKEN, &id, &err));
	assert_ok(provision_place(at("a.img"), NULL, TOKEN, &id, &err));
	assert_ok(file_id_of(at("a.img"), &there, &err));
	assert_true(file_id_equal(&id, &there));
	/* Killed between link and unlink, where the file system has no other way. */
	assert_int_equal(link(at("a.img"), at(".berth-" TOKEN "-a.img")), 0);
	assert_ok(provision_place(at("a.img"), NULL, TOKEN, &id, &err));
	assert_false(exists(at(".berth-" TOKEN "-a.img")));
	assert_true(exists(at("a.img")));
}

static void test_only_the_made_file_is_placed(void **state)
{
	struct err err;

	(void)state;
	struct file_id id = make("a.img");
	unlink(at(".berth-" TOKEN "-a.img"));
	assert_fails(provision_place(at("a.img"), NULL, TOKEN, &id, &err), ENOENT, "No such file");
	write_text(at(".berth-" TOKEN "-a.img"), "something else");
	assert_fails(provision_place(at("a.img"), NULL, TOKEN, &id, &err), ESTALE,
		     "is not the file that it was");
	assert_false(exists(at("a.img")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_file),
		qemu_test(test_links),
		qemu_test(test_folder),
		qemu_test(test_placing_twice_is_once),
		qemu_test(test_only_the_made_file_is_placed),
	};

	return run_as_tap(tests);
}
