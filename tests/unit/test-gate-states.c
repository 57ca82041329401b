/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States that no berth of today sends: without any, cut anywhere, of a newer version, of another
 * lock manager, hostile. A managed guest that comes with one does not run, and the user reads why.
 */
#include "tests/unit/plugin-fixture.h"

static void assert_refused(const char *text, const char *why)
{
	assert_int_equal(call_resume(text), -1);
	if (!strstr(libvirt_error, why))
		fail_msg("'%.60s': said '%s', not '%s'", text, libvirt_error, why);
	assert_true(str_starts(libvirt_error, "berth: " NAME ": "));
}

/* berth-gate decides. */
static void test_none(void **state)
{
	(void)state;
	set_status(MANAGED, "migration in");
	assert_int_equal(call_resume(NULL), 0);
	assert_asked_without_facts();
	assert_int_equal(call_resume(""), 0);
	assert_asked_without_facts();
	answer("refuse");
	assert_refused(NULL, "disk 'vda'");
}

static void test_newer(void **state)
{
	(void)state;
	set_status(MANAGED, "migration in");
	assert_refused("berth2 anything at all", "newer berth; install the same on both");
	assert_refused("berth10 ", "newer berth");
	assert_int_equal(times_asked(), 0);
}

static void test_cut(void **state)
{
	(void)state;
	cleanup_free char *text = incoming_state();
	for (size_t length = strlen(text) - 1; length >= strlen("berth"); length--) {
		text[length] = '\0';
		assert_refused(text, "damaged; migrate it again");
	}
	assert_int_equal(times_asked(), 0);
}

/* A guest that was paused by another lock manager, before berth was enabled, is resumed. */
static void test_of_another_lock_manager(void **state)
{
	(void)state;
	assert_int_equal(call_resume("sanlock:2:/lease:0"), 0);
	set_status(MANAGED, "migration in");
	assert_refused("sanlock:2:/lease:0", "not berth's");
	assert_int_equal(times_asked(), 0);
}

#define T "token=0123456789abcdef0123456789abcdef"
#define K "0123456789abcdef0123456789abcdef"

static void test_hostile(void **state)
{
	static const char *const texts[] = {
		"berth1",
		"berth1 ",
		"berth1 end",
		"berth",
		"berth-1 " T " end",
		"berth1\t" T " end",
		"berth1 " T,
		"berth1 " T " ",
		"berth1 " T " end ",
		"berth1 " T " end\n",
		"berth1 " T "  end",
		"berth1 " T " " T " end",
		"berth1 " T " more= end",
		"berth1 token=0123456789ABCDEF0123456789abcdef end",
		"berth1 token= end",
		"berth1 token=0123456789abcdef0123456789abcdef0 end",
		"berth1 " T " facts=A end",
		"berth1 " T " facts=AB== end",
		"berth1 " T " facts=AAA end",
		"berth1 " T " facts=AA=A end",
		"berth1 " T " facts=AA==AAAA end",
		"berth1 " T " facts==== end",
		"berth1 " T " facts=AAA\x80 end",
		"berth1 " T " facts=AAAA facts=AAAA end",
		"berth1 " T " chain= end",
		"berth1 " T " chain=: end",
		"berth1 " T " chain=lockd end",
		"berth1 " T " chain=../x: end",
		"berth1 " T " chain=lockd:AAAA end" /* NUL bytes */,
		"berth1 " T " chain=abcdefghijklmnopqrstuvwxyz0123456789: end",
		"berth1 " T " left= end",
		"berth1 " T " left=" K " end",
		"berth1 " T " left=" K ".1 end",
		"berth1 " T " left=" K ".1. end",
		"berth1 " T " left=" K ".0.1 end",
		"berth1 " T " left=" K ".-1.1 end",
		"berth1 " T " left=" K ".2147483648.1 end",
		"berth1 " T " left=" K ".1.18446744073709551616 end",
		"berth1 " T " left=" K ".01.1 end",
		"berth1 " T " left=" K ".1.1.1 end",
	};

	(void)state;
	set_status(MANAGED, "migration in");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], "damaged");
	assert_int_equal(times_asked(), 0);
	assert_int_equal(call_resume("berth1 " T " left=" K ".1.1 end"), 0);
	assert_int_equal(times_asked(), 1);
}

static void test_too_large(void **state)
{
	size_t size = 5 << 20;
	cleanup_free char *text = xcalloc(1, size + 1);

	(void)state;
	set_status(MANAGED, "migration in");
	memset(text, 'A', size);
	memcpy(text, "berth1 " T " facts=", strlen("berth1 " T " facts="));
	memcpy(text + size - 4, " end", 4);
	assert_refused(text, "damaged");
	size = (2 << 20) + (3 << 18); /* within libvirt's limits, beyond those of facts */
	memcpy(text + strlen("berth1 " T " facts=") + size, " end", 5);
	assert_refused(text, "damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_none),    plugin_test(test_newer),
		plugin_test(test_cut),     plugin_test(test_of_another_lock_manager),
		plugin_test(test_hostile), plugin_test(test_too_large),
	};

	return run_as_tap(tests);
}
