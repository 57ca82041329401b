/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stale image gets out of the way and back again, and no other file does. */
#include "tests/unit/image-fixture.h"
#include "storage/provision.h"

static struct file_id write_stale(void)
{
	struct file_id id;
	struct err err;

	write_text(at("a.img"), "stale");
	assert_ok(file_id_of(at("a.img"), &id, &err));
	return id;
}

static void test_there_and_back(void **state)
{
	struct err err;

	(void)state;
	struct file_id id = write_stale();
	for (int i = 0; i < 2; i++)
		assert_ok(provision_set_aside(at("a.img"), NULL, at("a.img.stale"), &id, &err));
	assert_false(exists(at("a.img")));
	assert_file_holds(at("a.img.stale"), "stale");
	for (int i = 0; i < 2; i++)
		assert_ok(provision_put_back(at("a.img"), NULL, at("a.img.stale"), &id, &err));
	assert_file_holds(at("a.img"), "stale");
	assert_false(exists(at("a.img.stale")));
}

static void test_other_file(void **state)
{
	struct err err;

	(void)state;
	struct file_id id = write_stale();
	write_text(at("b.img"), "precious");
	assert_int_equal(rename(at("b.img"), at("a.img")), 0);
	assert_fails(provision_set_aside(at("a.img"), NULL, at("a.img.stale"), &id, &err), ESTALE,
		     "is not the file that it was");
	assert_file_holds(at("a.img"), "precious");
	unlink(at("a.img"));
	assert_fails(provision_set_aside(at("a.img"), NULL, at("a.img.stale"), &id, &err), ENOENT,
		     "No such file");
}

static void test_name_is_taken(void **state)
{
	struct err err;

	(void)state;
	struct file_id id = write_stale();
	assert_int_equal(symlink("nowhere", at("a.img.stale")), 0);
	assert_fails(provision_set_aside(at("a.img"), NULL, at("a.img.stale"), &id, &err), EEXIST,
		     "exists already");
	unlink(at("a.img.stale"));
	assert_ok(provision_set_aside(at("a.img"), NULL, at("a.img.stale"), &id, &err));
	write_text(at("a.img"), "precious");
	assert_fails(provision_put_back(at("a.img"), NULL, at("a.img.stale"), &id, &err), EEXIST,
		     "exists already");
	assert_file_holds(at("a.img"), "precious");
	assert_file_holds(at("a.img.stale"), "stale");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_there_and_back),
		scratch_test(test_other_file),
		scratch_test(test_name_is_taken),
	};

	return run_as_tap(tests);
}
