/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undoing removes what this migration made, in whatever state it is, and never anything else. */
#include "tests/unit/image-fixture.h"
#include "storage/provision.h"

#define TOKEN "0123456789abcdef0123456789abcdef"
#define OTHER_TOKEN "fedcba9876543210fedcba9876543210"

static struct file_id make(const char *token)
{
	struct new_image what = {
		.path = at("a.img"),
		.format = "raw",
		.virtual_bytes = MIB,
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.token = token,
	};
	struct file_id id;
	struct err err;

	assert_ok(provision_make(&what, NULL, &id, &err));
	return id;
}

static void place(const struct file_id *id)
{
	struct err err;

	assert_ok(provision_place(at("a.img"), NULL, TOKEN, id, &err));
}

static int undo(const struct file_id *id)
{
	struct err err;
	int rc = provision_undo(at("a.img"), NULL, TOKEN, id, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	return rc;
}

static void assert_empty(void)
{
	assert_string_equal(run("find", scratch, "-mindepth", "1"), "");
}

static void test_nothing_made(void **state)
{
	struct file_id id = {1, 2, 3};

	(void)state;
	assert_int_equal(undo(NULL), 0);
	assert_int_equal(undo(&id), 0);
}

static void test_made(void **state)
{
	(void)state;
	struct file_id id = make(TOKEN);
	assert_int_equal(undo(&id), 1);
	assert_empty();
	assert_int_equal(undo(&id), 0);
	make(TOKEN);
	assert_int_equal(undo(NULL), 1);
	assert_empty();
}

static void test_placed(void **state)
{
	(void)state;
	struct file_id id = make(TOKEN);
	place(&id);
	assert_int_equal(undo(NULL), 0);
	assert_true(exists(at("a.img")));
	assert_int_equal(undo(&id), 1);
	assert_empty();
	assert_int_equal(undo(&id), 0);
}

static void test_placed_by_link_and_killed(void **state)
{
	(void)state;
	struct file_id id = make(TOKEN);
	place(&id);
	assert_int_equal(link(at("a.img"), at(".berth-" TOKEN "-a.img")), 0);
	assert_int_equal(undo(&id), 1);
	assert_empty();
}

/* On ext4 the new file mostly gets the inode number of the removed one. */
static void test_replaced_since(void **state)
{
	(void)state;
	struct file_id id = make(TOKEN);
	place(&id);
	for (int i = 0; i < 20; i++) {
		unlink(at("a.img"));
		write_text(at("a.img"), "precious");
		assert_int_equal(undo(&id), 0);
		assert_file_holds(at("a.img"), "precious");
	}
	write_text(at("b.img"), "more precious");
	assert_int_equal(rename(at("b.img"), at("a.img")), 0);
	assert_int_equal(undo(&id), 0);
	assert_file_holds(at("a.img"), "more precious");
}

static void test_link_in_its_place(void **state)
{
	(void)state;
	struct file_id id = make(TOKEN);
	place(&id);
	assert_int_equal(rename(at("a.img"), at("moved.img")), 0);
	assert_int_equal(symlink("moved.img", at("a.img")), 0);
	assert_int_equal(undo(&id), 0);
	assert_true(exists(at("a.img")));
	assert_true(exists(at("moved.img")));
}

static void test_path_was_taken(void **state)
{
	struct err err;

	(void)state;
	write_text(at("a.img"), "precious");
	struct file_id id = make(TOKEN);
	assert_fails(provision_place(at("a.img"), NULL, TOKEN, &id, &err), EEXIST,
		     "exists already");
	assert_int_equal(undo(&id), 1);
	assert_file_holds(at("a.img"), "precious");
	assert_false(exists(at(".berth-" TOKEN "-a.img")));
}

static void test_other_migration(void **state)
{
	(void)state;
	make(OTHER_TOKEN);
	assert_int_equal(undo(NULL), 0);
	assert_true(exists(at(".berth-" OTHER_TOKEN "-a.img")));
}

static void test_folder_is_gone(void **state)
{
	struct file_id id = {1, 2, 3};
	struct err err;

	(void)state;
	assert_int_equal(provision_undo(at("gone/a.img"), NULL, TOKEN, &id, &err), 0);
}

static void test_bad_token(void **state)
{
	struct err err;

	(void)state;
	assert_fails(provision_undo(at("a.img"), NULL, "", NULL, &err), EINVAL,
		     "not 32 hex digits");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_nothing_made),
		qemu_test(test_made),
		qemu_test(test_placed),
		qemu_test(test_placed_by_link_and_killed),
		qemu_test(test_replaced_since),
		qemu_test(test_link_in_its_place),
		qemu_test(test_path_was_taken),
		qemu_test(test_other_migration),
		scratch_test(test_folder_is_gone),
		scratch_test(test_bad_token),
	};

	return run_as_tap(tests);
}
