/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A journal that can't be understood is refused, with its line, and not a byte of it changes. */
#include "tests/unit/journal-fixture.h"

#define HEAD "berth-journal\t1\nguest\tuuid=" UUID "\tname=vm1\ttoken=" TOKEN "\tbegan=5\n"

static void assert_refused(const char *text, size_t length, int line)
{
	cleanup_strbuf struct strbuf after = {0};
	struct journal *journal = NULL;
	struct err err;

	write_file(journal_path(), text, length);
	const char *words = keep(xasprintf("journal '%s': line %d is not understood; is it from a "
					   "newer berth?",
					   journal_path(), line));
	assert_fails(journal_open(&site, UUID, &journal, &err), EBADMSG, "");
	assert_string_equal(err.text, words);
	assert_fails(journal_peek(&site, UUID, &journal, &err), EBADMSG, "");
	assert_string_equal(err.text, words);
	assert_null(journal);
	assert_ok(file_read(journal_path(), 1 << 20, &after, &err));
	assert_int_equal(after.length, length);
	assert_memory_equal(after.text, text, length);
}

static int journal_setup(void **state)
{
	struct err err;

	return site_setup(state) < 0 ? -1 : file_make_folders(at("state/journal"), 0700, &err);
}

static void test_lines(void **state)
{
	static const char *const lines[] = {
		"",
		"wormhole\tindex=0",
		"Guest\tname=vm1",
		"guest\tuuid=" UUID "\tname=vm1\ttoken=" TOKEN "\tbegan=5", /* a second one */
		"rename\twhat=path\tfrom=/a",
		"step\tindex=0\tkind=folder",
		"step\tindex=0\tkind=wormhole\tpath=/a",
		"done\tindex=0", /* there is no such step */
		"done",
		"undone\tindex=x",
		"phase\tname=boarding\tbegan=5",
		"phase\tname=ran",
		"phase\tname=ran\tbegan=soon",
		"step",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *text = keep(xasprintf(HEAD "%s\n", lines[i]));
		assert_refused(text, strlen(text), 3);
	}
}

static void test_heads(void **state)
{
	static const char *const texts[] = {
		"berth-journal\t2\nguest\tname=vm1\n",
		"\n" HEAD,
		"garbage\n",
		"berth-journal 1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], strlen(texts[i]), 1);
	const char *no_token = "berth-journal\t1\nguest\tname=vm1\tbegan=5\n";
	assert_refused(no_token, strlen(no_token), 2);
}

static void test_with_an_unfinished_line_behind(void **state)
{
	static const char text[] = HEAD "wormhole\tindex=0\nphase\tna";

	(void)state;
	assert_refused(text, strlen(text), 3);
}

static void test_a_nul_byte_hides_nothing(void **state)
{
	static const char text[] =
		HEAD "phase\tname=started\tbegan=5\0\nphase\tname=ran\tbegan=6\n";

	(void)state;
	assert_refused(text, sizeof(text) - 1, 3);
}

#define journal_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, journal_setup, scratch_teardown))

int main(void)
{
	const struct CMUnitTest tests[] = {
		journal_test(test_lines),
		journal_test(test_heads),
		journal_test(test_with_an_unfinished_line_behind),
		journal_test(test_a_nul_byte_hides_nothing),
	};

	return run_as_tap(tests);
}
