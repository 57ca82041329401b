/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not XML was printed by a hook that runs before berth's: the error names those that do. */
#include "tests/unit/site-fixture.h"

#include "hooks/hook_chain.h"

#define SAID "domain XML: line 1: Start tag expected, '<' not found"

static void put_hook(const char *name, mode_t mode)
{
	const char *path = at(keep(xasprintf("hooks/%s", name)));
	struct err err;

	assert_int_equal(file_make_folders(at("hooks/qemu.d"), 0755, &err), 0);
	write_text(path, "#!/bin/sh\n");
	assert_int_equal(chmod(path, mode), 0);
}

static const char *explain(const char *text)
{
	struct err err;

	err_set(&err, EBADMSG, SAID);
	hook_chain_explain(at("hooks"), text, strlen(text), &err);
	assert_int_equal(err.code, EBADMSG);
	return keep(xstrdup(err.text));
}

static void test_earlier_hooks_are_named_in_order(void **state)
{
	(void)state;
	put_hook("qemu.d/aaa", 0755);
	put_hook("qemu", 0755);
	put_hook("qemu.d/10-log", 0755);
	put_hook("qemu.d/10-not-executable", 0644);
	put_hook("qemu.d/.hidden", 0755);
	put_hook("qemu.d/berth", 0755);
	put_hook("qemu.d/zzz", 0755);
	assert_string_equal(
		explain("vm1 migrate\033[1m begin\n"),
		keep(xasprintf(SAID
			       "; an earlier hook printed what is not XML ('vm1 migrate [1m "
			       "begin '): one of '%s/qemu', '%s/qemu.d/10-log', '%s/qemu.d/aaa'; a "
			       "hook must print nothing, or the changed XML and nothing else",
			       at("hooks"), at("hooks"), at("hooks"))));
}

static void test_without_earlier_hook_the_error_stays(void **state)
{
	(void)state;
	assert_string_equal(explain("x"), SAID);
	put_hook("qemu.d/berth", 0755);
	put_hook("qemu.d/zzz", 0755);
	assert_string_equal(explain("x"), SAID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_earlier_hooks_are_named_in_order),
		site_test(test_without_earlier_hook_the_error_stays),
	};

	return run_as_tap(tests);
}
