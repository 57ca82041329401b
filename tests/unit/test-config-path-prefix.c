/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path is mapped by the longest prefix that ends at a '/', in whatever order they stand. */
#include "tests/unit/config-fixture.h"

static void assert_mapped(const struct config *config, const char *path, const char *wanted)
{
	cleanup_free char *here = mappings_apply_path(&config->paths, path);

	if (!str_equal(here, wanted))
		fail_msg("'%s' became '%s', not '%s'", path, here ? here : "(nothing)",
			 wanted ? wanted : "(nothing)");
}

static void assert_all(const char *text)
{
	static const struct {
		const char *path;
		const char *wanted;
	} table[] = {
		{"/images/a.img", "/one/a.img"},
		{"/images", "/one"},
		{"/images/sub/a.img", "/two/a.img"},
		{"/images/sub", "/two"},
		{"/images/subway/a.img", "/one/subway/a.img"},
		{"/images/sub/deep/a.img", "/two/deep/a.img"},
		{"/images/exact.iso", "/isos/other.iso"},
		{"/images/exact.iso.bak", "/one/exact.iso.bak"},
		{"/images2/a.img", NULL},
		{"/imag", NULL},
		{"/x/images/a.img", NULL},
		{"images/a.img", NULL},
		{"/", NULL},
	};
	cleanup_config struct config *config = load_text(text);

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_mapped(config, table[i].path, table[i].wanted);
}

static void test_longest_wins(void **state)
{
	(void)state;
	assert_all("[paths]\n/images = /one\n/images/sub = /two\n/images/exact.iso = "
		   "/isos/other.iso\n");
	assert_all("[paths]\n/images/exact.iso = /isos/other.iso\n/images/sub/ = /two/\n/images/ = "
		   "/one\n");
	assert_all("[paths]\n/images//exact.iso = /isos/./other.iso\n//images/sub// = /two//\n"
		   "/./images = /one/.\n");
}

static void test_not_mapped_again(void **state)
{
	(void)state;
	cleanup_config struct config *config = load_text("[paths]\n/a = /b\n/b = /c\n");
	assert_mapped(config, "/a/x", "/b/x");
	assert_mapped(config, "/b/x", "/c/x");
}

static void test_names_are_mapped_whole(void **state)
{
	(void)state;
	cleanup_config struct config *config = load_text("[bridges]\nbr = a\nbr0 = b\n");
	assert_string_equal(mappings_apply(&config->bridges, "br"), "a");
	assert_string_equal(mappings_apply(&config->bridges, "br0"), "b");
	assert_null(mappings_apply(&config->bridges, "br01"));
	assert_null(mappings_apply(&config->bridges, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_longest_wins),
		scratch_test(test_not_mapped_again),
		scratch_test(test_names_are_mapped_whole),
	};

	return run_as_tap(tests);
}
