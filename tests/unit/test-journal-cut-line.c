/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A journal whose last line was being written when the machine stopped: that line is as if it had
 * never been begun. */
#include "tests/unit/journal-fixture.h"

/* A whole one, with all that can be appended. */
static const char *whole_text(void)
{
	cleanup_journal struct journal *journal = create();
	struct err err;

	assert_ok(journal_steps_done(journal, 0, 1, &err));
	assert_ok(journal_steps_done(journal, 1, 1, &err));
	assert_ok(journal_set_phase(journal, PHASE_PREPARED, &err));
	assert_ok(journal_step_undone(journal, 1, &err));
	return journal_text();
}

static size_t lines_in(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += text[i] == '\n';
	return count;
}

static void assert_cut_to(const char *text, size_t length)
{
	size_t whole = length;

	while (whole > 0 && text[whole - 1] != '\n')
		whole--;
	assert_string_equal(journal_text(), keep(xstrndup(text, whole)));
}

static void free_kept_since(size_t count)
{
	while (kept_count > count)
		free(kept[--kept_count]);
}

static void test_cut_anywhere(void **state)
{
	const char *text = whole_text(), *path = journal_path();
	size_t length = strlen(text), kept_before = kept_count;
	struct err err;

	(void)state;
	for (size_t cut = 0; cut <= length; cut++) {
		cleanup_journal struct journal *journal = NULL;
		write_file(path, text, cut);
		int rc = journal_open(&site, UUID, &journal, &err);
		/* Without the line that names the guest nothing had begun. */
		assert_int_equal(rc, lines_in(text, cut) >= 2);
		if (rc == 1) {
			assert_cut_to(text, cut);
			assert_int_equal(journal->steps ? journal->steps[0].done : 0,
					 lines_in(text, cut) >=
						 2 + ARRAY_SIZE(sample_renames) +
							 ARRAY_SIZE(sample_steps) +
							 ARRAY_SIZE(sample_compared) + 1);
		} else {
			assert_false(exists(path));
		}
		free_kept_since(kept_before);
	}
}

static void test_the_next_line_stands_alone(void **state)
{
	const char *text = whole_text();
	struct err err;

	(void)state;
	write_file(journal_path(), text, strlen(text) - 3);
	cleanup_journal struct journal *journal = open_again();
	assert_false(journal->steps[1].undone);
	assert_ok(journal_step_undone(journal, 0, &err));
	journal_closep(&journal);
	journal = open_again();
	assert_true(journal->steps[0].undone);
	assert_false(journal->steps[1].undone);
}

static void test_peeking_changes_nothing(void **state)
{
	const char *text = whole_text();
	struct err err;

	(void)state;
	const char *part = keep(xstrndup(text, strlen(text) - 3));
	write_text(journal_path(), part);
	cleanup_journal struct journal *journal = NULL;
	assert_int_equal(journal_peek(&site, UUID, &journal, &err), 1);
	assert_false(journal->steps[1].undone);
	assert_string_equal(journal_text(), part);
	journal_closep(&journal);
	write_text(journal_path(), "");
	assert_int_equal(journal_peek(&site, UUID, &journal, &err), 0);
	assert_true(exists(journal_path()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_cut_anywhere),
		site_test(test_the_next_line_stands_alone),
		site_test(test_peeking_changes_nothing),
	};

	return run_as_tap(tests);
}
