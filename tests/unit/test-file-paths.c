/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths as text: which lie under a folder, which are clean, what their parts are. */
#include "tests/unit/image-fixture.h"

static void test_under(void **state)
{
	static const struct {
		const char *path;
		const char *root;
		bool under;
	} table[] = {
		{"/srv/vm", "/srv/vm", true},
		{"/srv/vm/a", "/srv/vm", true},
		{"/srv/vm/a/b", "/srv/vm", true},
		{"/srv/vm/a", "/srv/vm/", true},
		{"/srv/vm", "/srv/vm/", true},
		{"/srv/vm2", "/srv/vm", false},
		{"/srv/v", "/srv/vm", false},
		{"/srv", "/srv/vm", false},
		{"/srv/vm2/a", "/srv/vm", false},
		{"/a", "/", true},
		{"/", "/", true},
		{"srv/vm/a", "/srv/vm", false},
		{"/SRV/VM/a", "/srv/vm", false},
		{"/x/srv/vm/a", "/srv/vm", false},
		{"/srv/vm.old/a", "/srv/vm", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (path_under(table[i].path, table[i].root) != table[i].under)
			fail_msg("'%s' under '%s'", table[i].path, table[i].root);
	}
}

static void test_clean(void **state)
{
	static const char *const clean[] = {
		"/a",     "/a/b.c",     "/a b/c",    "/...", "/a/..b",
		"/a/b..", "/.hidden/x", "/\xc3\xa4", "/a=b", "/'\"$(x)",
	};
	static const char *const unclean[] = {
		"",      "/",     "a",       "a/b",  "./a",     "/a/",     "//a",   "/a//b",
		"/.",    "/a/.",  "/./a",    "/..",  "/a/..",   "/a/../b", "/../a", "/a\nb",
		"/a\tb", "/\x7f", "/\x01/b", "../a", "/a/b/./", " /a",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clean); i++) {
		if (!path_is_clean(clean[i]))
			fail_msg("'%s' is clean", clean[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(unclean); i++) {
		if (path_is_clean(unclean[i]))
			fail_msg("'%s' is not clean", unclean[i]);
	}
}

static void test_plain(void **state)
{
	static const struct {
		const char *path;
		const char *plain;
	} table[] = {
		{"/a/b", "/a/b"},
		{"/a//b", "/a/b"},
		{"//a///b", "/a/b"},
		{"/a/./b", "/a/b"},
		{"/./a/.//b", "/a/b"},
		{"/a/", "/a/"},
		{"/a//", "/a/"},
		{"/a/.", "/a/"},
		{"/", "/"},
		{"//", "/"},
		{"/.", "/"},
		{"/././", "/"},
		{"/a/../b", "/a/../b"},
		{"/a/..", "/a/.."},
		{"/.a/b./c..", "/.a/b./c.."},
		{"a//b", "a//b"},
		{"", ""},
		{"./a", "./a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		cleanup_free char *plain = path_plain(table[i].path);
		assert_string_equal(plain, table[i].plain);
	}
	assert_null(path_plain(NULL));
}

static void test_in_text(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} table[] = {
		{"<source file='/a/b/x'/>", true},
		{"<source file='/a//b/x'/>", true},
		{"<source file='//a/./b'/>", true},
		{"<source file='/a/.//./b'/>", true},
		{"/a/b", true},
		{"/a/x /a/b", true},
		{"/a/.b", false},
		{"/a/../b", false},
		{"/ab", false},
		{"/a/", false},
		{"/a/.", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (path_in_text(table[i].text, "/a/b") != table[i].found)
			fail_msg("'%s'", table[i].text);
	}
}

static void test_parts(void **state)
{
	static const struct {
		const char *path;
		const char *folder;
		const char *name;
	} table[] = {
		{"/srv/vm/a.img", "/srv/vm", "a.img"},
		{"/a.img", "/", "a.img"},
		{"/a/b", "/a", "b"},
		{"a.img", ".", "a.img"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		cleanup_free char *folder = path_folder(table[i].path);
		assert_string_equal(folder, table[i].folder);
		assert_string_equal(path_name(table[i].path), table[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_under), cmocka_unit_test(test_clean),
		cmocka_unit_test(test_plain), cmocka_unit_test(test_in_text),
		cmocka_unit_test(test_parts),
	};

	return run_as_tap(tests);
}
