/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How lines are read: lists go on in indented lines, comments end a line, blanks and line ends
 * don't matter. */
#include "tests/unit/config-fixture.h"

static void test_lists_go_on(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[images]\nroots = /a /b\n  /c\n\t/d /e\nbase =\n  /f\n"
			  "[graphics]\nlisten = 192.0.2.1\n 2001:db8::1\n"
			  "[network]\nvlans = 100-199\n 300 ; web\n\t7\n"
			  "[firewall]\nclosed = vnet*\n  tap*\n");
	assert_string_equal(joined(&config->roots), "/a /b /c /d /e");
	assert_string_equal(joined(&config->base), "/f");
	assert_string_equal(joined(&config->listen), "192.0.2.1 2001:db8::1");
	assert_string_equal(vlans(config), "100-199 300-300 7-7");
	assert_string_equal(joined(&config->closed), "vnet* tap*");
}

static void test_a_long_list_in_many_lines(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_puts(&text, "[images]\nroots = /first\n");
	for (int i = 0; i < 500; i++)
		strbuf_printf(&text, " /folder-%d\n", i);
	cleanup_config struct config *config = load_text(text.text);
	assert_int_equal(config->roots.count, 501);
	assert_string_equal(config->roots.items[500], "/folder-499");
}

/* Indenting all lines alike must not join them: "/b" would be mapped to "/c = /d" otherwise. */
static void test_indented_keys_are_not_swallowed(void **state)
{
	static const char words[] =
		"this line begins with a blank, as if it went on with the line before; take the "
		"blank away";

	(void)state;
	assert_refused("[paths]\n  /a = /b\n  /c = /d\n", 3,
		       keep(xasprintf("[paths] /a: %s", words)));
	assert_refused("[networks]\na = b\n c = d\n", 3,
		       keep(xasprintf("[networks] a: %s", words)));
	assert_refused("[limits]\ndisk_reserve_mib = 5\n  7\n", 3,
		       keep(xasprintf("[limits] disk_reserve_mib: %s", words)));
	assert_refused("[host]\n  uri = a\n  b\n", 3, keep(xasprintf("[host] uri: %s", words)));
	assert_refused("[images]\n  roots = /a\n  base = /b\n", 3,
		       "[images] roots: 'base' is not an absolute path without '..'");
	assert_refused(
		"[paths]\n/a/path/that/has/more/than/fifty/characters/and/some/more = /b\n"
		" /c = /d\n",
		3,
		keep(xasprintf("[paths] /a/path/that/has/more/than/fifty/characters/and/s: %s",
			       words)));
}

static void test_the_first_line_of_a_section_may_be_indented(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[host]\n  uri = a\n[paths]\n  /a = /b\n[bridges]\n\tbr0 = br1\n");
	assert_string_equal(pairs(&config->paths), "/a = /b");
	assert_string_equal(pairs(&config->bridges), "br0 = br1");
}

static void test_comments(void **state)
{
	(void)state;
	cleanup_config struct config *config = load_text(
		"# first\n[host] ; of this host\nuri = a;b ; c\n; roots = /x\n#base = /y\n"
		"[images]\nroots = /a ; comment\n  /b ; comment\n# between\n");
	assert_string_equal(config->uri, "a;b");
	assert_string_equal(joined(&config->roots), "/a /b");
}

static void test_blanks_and_line_ends(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("\xef\xbb\xbf[host]\r\nuri=a  \r\n\r\n[paths]\r\n/a b   =   /c d\t\r\n"
			  "[limits]\r\ndisk_over_commit = yes");
	assert_string_equal(config->uri, "a");
	assert_string_equal(pairs(&config->paths), "/a b = /c d");
	assert_true(config->disk_over_commit);
}

static void test_lines_up_to_the_limit(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_printf(&text, "[host]\nuri = %0192d\n[limits]\ndisk_reserve_mib = 7\n", 1);
	cleanup_config struct config *config = load_text(text.text);
	assert_int_equal(strlen(config->uri), 192);
	assert_int_equal(config->disk_reserve_mib, 7);
	strbuf_free(&text);
	strbuf_printf(&text, "[host]\nuri = %0193d\n", 1);
	assert_refused(text.text, 2,
		       "line is too long; go on in a new line that begins with a blank");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_lists_go_on),
		scratch_test(test_a_long_list_in_many_lines),
		scratch_test(test_indented_keys_are_not_swallowed),
		scratch_test(test_the_first_line_of_a_section_may_be_indented),
		scratch_test(test_comments),
		scratch_test(test_blanks_and_line_ends),
		scratch_test(test_lines_up_to_the_limit),
	};

	return run_as_tap(tests);
}
