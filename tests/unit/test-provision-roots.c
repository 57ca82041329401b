/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No path leads out of the roots, by whatever links or dots; inside of them everything may be. */
#include "tests/unit/image-fixture.h"
#include "storage/location.h"

static int check(const char *path, struct err *err)
{
	const char *const roots[] = {at("elsewhere"), at("root")};

	return roots_check(path, roots, ARRAY_SIZE(roots), err);
}

static int make_folders(void **state)
{
	if (scratch_setup(state) < 0)
		return -1;
	return mkdir(at("root"), 0755) | mkdir(at("root/vm"), 0755) | mkdir(at("outside"), 0755);
}

static void test_inside(void **state)
{
	struct err err;

	(void)state;
	assert_ok(check(at("root/a.img"), &err));
	assert_ok(check(at("root/vm/a.img"), &err));
	assert_ok(check(at("root/not/made/yet/a.img"), &err));
	write_text(at("root/vm/a.img"), "x");
	assert_ok(check(at("root/vm/a.img"), &err));
	const char *const slash = "/";
	assert_ok(roots_check(at("root/a.img"), &slash, 1, &err));
}

static void test_outside(void **state)
{
	struct err err;

	(void)state;
	assert_fails(check(at("outside/a.img"), &err), EPERM, "lies in none of the image roots (");
	assert_fails(check(at("rootless/a.img"), &err), EPERM, "lies in none of the image roots");
	assert_fails(check(at("root"), &err), EPERM, "lies in none of the image roots");
	assert_fails(check("/etc/shadow", &err), EPERM, keep(xasprintf("'%s')", at("root"))));
	assert_fails(roots_check("/etc/shadow", NULL, 0, &err), EPERM, "there are none");
}

static void test_unclean(void **state)
{
	static const char *const names[] = {
		"root/../outside/a.img", "root/vm/../a.img", "root//a.img",
		"root/./a.img",          "root/vm/",         "root/a\nb.img",
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_fails(check(at(names[i]), &err), EINVAL, "is not a plain absolute path");
	assert_fails(check("root/a.img", &err), EINVAL, "is not a plain absolute path");
	assert_fails(check("", &err), EINVAL, "is not a plain absolute path");
}

static void test_link_that_leads_out(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(symlink("../outside", at("root/link")), 0);
	assert_fails(check(at("root/link/a.img"), &err), EPERM,
		     keep(xasprintf("by a link, to folder '%s'; remove", at("outside"))));
	assert_fails(check(at("root/link/not/made/a.img"), &err), EPERM,
		     keep(xasprintf("by a link, to folder '%s/not/made'", at("outside"))));
	assert_int_equal(symlink("/", at("root/slash")), 0);
	assert_fails(check(at("root/slash/a.img"), &err), EPERM, "to folder '/'; remove");
	assert_fails(check(at("root/slash/none/a.img"), &err), EPERM, "to folder '/none'");
}

static void test_link_that_stays_inside(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(symlink("vm", at("root/link")), 0);
	assert_ok(check(at("root/link/a.img"), &err));
	assert_int_equal(symlink("root", at("other-name")), 0);
	assert_ok(check(at("other-name/vm/a.img"), &err));
	assert_int_equal(symlink("outside", at("elsewhere")), 0);
	assert_ok(check(at("elsewhere/a.img"), &err));
}

static void test_link_that_leads_nowhere(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(symlink("../outside/none", at("root/link")), 0);
	assert_fails(check(at("root/link/a.img"), &err), ENOENT, "is a link that leads nowhere");
	assert_int_equal(symlink("round", at("root/round")), 0);
	assert_fails(check(at("root/round/a.img"), &err), ELOOP, "Too many levels");
}

static void test_last_component_is_a_link(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(symlink("../outside/a.img", at("root/a.img")), 0);
	assert_fails(check(at("root/a.img"), &err), ELOOP, "is a symbolic link");
	write_text(at("root/b.img"), "x");
	assert_int_equal(symlink("b.img", at("root/c.img")), 0);
	assert_fails(check(at("root/c.img"), &err), ELOOP, "use the name it leads to");
}

static int check_to_read(const char *path, struct err *err)
{
	const char *const roots[] = {at("elsewhere"), at("root")};

	return roots_check_to_read(path, roots, ARRAY_SIZE(roots), err);
}

static void test_link_to_what_is_read(void **state)
{
	struct err err;

	(void)state;
	write_text(at("root/vm/a.iso"), "x");
	write_text(at("outside/a.iso"), "x");
	assert_int_equal(symlink("../root/vm/a.iso", at("root/in.iso")), 0);
	assert_int_equal(symlink("in.iso", at("root/twice.iso")), 0);
	assert_int_equal(symlink("../outside/a.iso", at("root/out.iso")), 0);
	assert_int_equal(symlink("none", at("root/nowhere.iso")), 0);
	assert_int_equal(symlink("round.iso", at("root/round.iso")), 0);
	assert_ok(check_to_read(at("root/vm/a.iso"), &err));
	assert_ok(check_to_read(at("root/absent.iso"), &err));
	assert_ok(check_to_read(at("root/in.iso"), &err));
	assert_ok(check_to_read(at("root/twice.iso"), &err));
	assert_fails(check_to_read(at("root/out.iso"), &err), EPERM, "lies in none of the image");
	assert_fails(check_to_read(at("outside/a.iso"), &err), EPERM, "lies in none of the image");
	assert_fails(check_to_read(at("root/nowhere.iso"), &err), ENOENT, "leads nowhere");
	assert_fails(check_to_read(at("root/round.iso"), &err), ELOOP, "Too many levels");
	assert_fails(check(at("root/in.iso"), &err), ELOOP, "is a symbolic link");
}

static void test_missing_root(void **state)
{
	struct err err;

	(void)state;
	assert_fails(check(at("elsewhere/a.img"), &err), ENOENT,
		     keep(xasprintf("image root '%s': No such file or directory; make or mount it",
				    at("elsewhere"))));
}

static void test_file_on_the_way(void **state)
{
	struct err err;

	(void)state;
	write_text(at("root/file"), "x");
	assert_fails(check(at("root/file/sub/a.img"), &err), ENOTDIR, "Not a directory");
}

#define roots_test(f) cmocka_unit_test_setup_teardown(f, make_folders, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		roots_test(test_inside),
		roots_test(test_outside),
		roots_test(test_unclean),
		roots_test(test_link_that_leads_out),
		roots_test(test_link_that_stays_inside),
		roots_test(test_link_that_leads_nowhere),
		roots_test(test_last_component_is_a_link),
		roots_test(test_link_to_what_is_read),
		roots_test(test_missing_root),
		roots_test(test_file_on_the_way),
	};

	return run_as_tap(tests);
}
