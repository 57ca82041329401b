/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was written into a journal is what the next one reads, be the names as odd as they may. */
#include "tests/unit/journal-fixture.h"

#include <time.h>

/* Closes it, reads it again both ways, compares; the open one remains. */
static void reopen(struct journal **journal)
{
	cleanup_journal struct journal *before = steal_pointer(*journal), *peeked = NULL;
	struct err err;

	close(steal_fd(before->fd));
	assert_int_equal(journal_peek(&site, UUID, &peeked, &err), 1);
	assert_same_journal(peeked, before);
	*journal = open_again();
	assert_same_journal(*journal, before);
}

static void test_start(void **state)
{
	(void)state;
	time_t earliest = time(NULL);
	cleanup_journal struct journal *journal = create();
	assert_text(journal->name, sample_start.name);
	assert_text(journal->uuid, UUID);
	assert_text(journal->token, TOKEN);
	assert_text(journal->source, "hosta.example");
	assert_int_equal(journal->phase, PHASE_BUILDING);
	assert_in_range(journal->began, earliest, time(NULL));
	assert_int_equal(journal->phase_began, journal->began);
	assert_int_equal(journal->step_count, sample_start.step_count);
	for (size_t i = 0; i < journal->step_count; i++) {
		assert_same_step(&journal->steps[i].step, &sample_steps[i]);
		assert_false(journal->steps[i].done || journal->steps[i].undone);
	}
	assert_int_equal(journal->rename_count, sample_start.rename_count);
	for (size_t i = 0; i < journal->rename_count; i++) {
		assert_text(journal->renames[i].what, sample_renames[i].what);
		assert_text(journal->renames[i].from, sample_renames[i].from);
		assert_text(journal->renames[i].to, sample_renames[i].to);
	}
	assert_int_equal(journal->compared.count, ARRAY_SIZE(sample_compared));
	assert_memory_equal(&journal->compared.items[0].version, &sample_compared[0].version,
			    sizeof(struct file_version));
	reopen(&journal);
}

static void test_steps(void **state)
{
	const struct file_id id = {UINT64_MAX, 7, 0};
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = create();
	assert_ok(journal_steps_done(journal, 0, 1, &err));
	reopen(&journal);
	assert_true(journal->steps[0].done);
	assert_false(journal->steps[0].step.has_id);
	journal->steps[2].step.id = id;
	journal->steps[2].step.has_id = true;
	assert_ok(journal_steps_done(journal, 2, 1, &err));
	reopen(&journal);
	assert_true(journal->steps[2].done);
	assert_true(journal->steps[2].step.has_id);
	assert_memory_equal(&journal->steps[2].step.id, &id, sizeof(id));
	assert_false(journal->steps[1].done || journal->steps[3].done);
	assert_ok(journal_step_undone(journal, 2, &err));
	reopen(&journal);
	assert_true(journal->steps[2].done && journal->steps[2].undone);
	assert_false(journal->steps[0].undone);
}

static void test_steps_together(void **state)
{
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = create();
	assert_ok(journal_steps_done(journal, 1, 2, &err));
	assert_true(journal->steps[1].done && journal->steps[2].done);
	reopen(&journal);
	assert_true(journal->steps[1].done && journal->steps[2].done);
	assert_false(journal->steps[0].done || journal->steps[3].done);
}

static void test_phases(void **state)
{
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = create();
	for (int phase = JOURNAL_PHASES - 1; phase >= 0; phase--) {
		assert_ok(journal_set_phase(journal, (enum journal_phase)phase, &err));
		reopen(&journal);
		assert_int_equal(journal->phase, phase);
		assert_in_range(time(NULL) - journal->phase_began, 0, 60);
		assert_non_null(
			strstr(journal_text(),
			       keep(xasprintf("\nphase\tname=%s\t",
					      journal_phase_name((enum journal_phase)phase)))));
	}
}

static void test_what_the_gate_said(void **state)
{
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = create();
	assert_text(journal->boot, sample_start.boot);
	assert_ok(journal_set_started(journal, false, false, &err));
	reopen(&journal);
	assert_false(journal->gated || journal->verified);
	assert_ok(journal_set_started(journal, true, false, &err));
	reopen(&journal);
	assert_true(journal->gated && !journal->verified);
	assert_ok(journal_set_started(journal, true, true, &err));
	assert_ok(journal_set_phase(journal, PHASE_STARTED, &err));
	reopen(&journal);
	assert_true(journal->gated && journal->verified);
}

static void test_nothing_in_it(void **state)
{
	const struct journal_start start = {.name = "vm1", .uuid = UUID, .token = TOKEN};
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = NULL;
	assert_ok(journal_create(&site, &start, &journal, &err));
	assert_null(journal->source);
	assert_int_equal(journal->step_count + journal->rename_count, 0);
	reopen(&journal);
}

static void test_one_for_each_guest(void **state)
{
	struct journal_start start = sample_start;
	struct journal *second = NULL;
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = create();
	assert_fails(journal_create(&site, &start, &second, &err), EEXIST, journal_path());
	start.uuid = OTHER_UUID;
	cleanup_journal struct journal *other = NULL;
	assert_ok(journal_create(&site, &start, &other, &err));
	assert_same_journal(journal, journal);
	char **uuids;
	size_t count;
	assert_ok(journal_list(&site, &uuids, &count, &err));
	assert_int_equal(count, 2);
	assert_true(str_equal(uuids[0], UUID) != str_equal(uuids[1], UUID));
	site_free_uuids(uuids, count);
}

static void test_removal(void **state)
{
	struct journal *journal = create();
	struct err err;

	(void)state;
	assert_ok(journal_remove(&journal, &err));
	assert_null(journal);
	assert_int_equal(journal_open(&site, UUID, &journal, &err), 0);
	assert_int_equal(journal_peek(&site, UUID, &journal, &err), 0);
	assert_null(journal);
	assert_string_equal(files_below(site.state), "");
}

static void test_nobody_else_may_read_it(void **state)
{
	struct stat file, folder;

	(void)state;
	cleanup_journal struct journal *journal = create();
	assert_int_equal(stat(journal_path(), &file), 0);
	assert_int_equal(stat(at("state/journal"), &folder), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	assert_int_equal(folder.st_mode & 0777, 0700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_start),
		site_test(test_steps),
		site_test(test_steps_together),
		site_test(test_phases),
		site_test(test_what_the_gate_said),
		site_test(test_nothing_in_it),
		site_test(test_one_for_each_guest),
		site_test(test_removal),
		site_test(test_nobody_else_may_read_it),
	};

	return run_as_tap(tests);
}
