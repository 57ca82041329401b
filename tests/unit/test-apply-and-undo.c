/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Applying makes all that was planned; undoing it, at once or by the next program, leaves nothing.
 */
#include "tests/unit/apply-fixture.h"

#include "storage/image.h"

static void test_all_is_made(void **state)
{
	struct image image;
	struct stat st;
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = applied();
	assert_int_equal(journal->phase, PHASE_PREPARED);
	for (size_t i = 0; i < STEPS; i++)
		assert_true(journal->steps[i].done && !journal->steps[i].undone);
	assert_file_holds(at("vm/a.img.departed-01234567"), "stale");
	assert_ok(image_inspect(at("vm/a.img"), "qcow2", &image, &err));
	assert_int_equal(image.virtual_bytes, 2 * MIB);
	assert_string_equal(image.backing_path, at("base.qcow2"));
	assert_string_equal(image.backing_format, "qcow2");
	image_clear(&image);
	assert_int_equal(stat(at("vm/new/b.img"), &st), 0);
	assert_int_equal(st.st_size, MIB);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_uid, geteuid());
	/* No temporary name is left. */
	assert_null(strstr(files_below(at("vm")), ".berth-"));
}

static void test_undone_at_once(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_null(journal);
	assert_as_before();
}

static void test_undone_by_the_next_program(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	journal_closep(&journal);
	assert_int_equal(journal_open(&site, UUID, &journal, &err), 1);
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_as_before();
}

static void test_undone_before_anything_was_done(void **state)
{
	struct journal *journal = start_journal();
	struct err err;

	(void)state;
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_as_before();
}

/* As one that was killed after so many steps, the last of them not noted. */
static void test_undone_after_each_step(void **state)
{
	struct err err;

	(void)state;
	for (size_t done = 0; done <= STEPS; done++) {
		struct journal *journal = start_journal();
		for (size_t i = 0; i < done; i++) {
			struct step *step = &journal->steps[i].step;
			assert_ok(step_do(step, &context, &err));
			if (i + 1 < done || step->kind == STEP_IMAGE)
				assert_ok(journal_steps_done(journal, i, 1, &err));
			assert_ok(step_place(step, &context, &err));
		}
		journal_closep(&journal);
		assert_int_equal(journal_open(&site, UUID, &journal, &err), 1);
		assert_ok(apply_undo(&site, NULL, &journal, &err));
		assert_as_before();
	}
}

static void test_undone_between_making_and_noting_an_image(void **state)
{
	struct err err;

	(void)state;
	struct journal *journal = start_journal();
	for (size_t i = NEW_FOLDER; i <= FIRST_IMAGE; i++)
		assert_ok(step_do(&journal->steps[i].step, &context, &err));
	journal_closep(&journal);
	assert_int_equal(journal_open(&site, UUID, &journal, &err), 1);
	assert_false(journal->steps[FIRST_IMAGE].step.has_id);
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_as_before();
}

static void test_steps_can_be_done_twice(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	assert_ok(step_do(&journal->steps[NEW_FOLDER].step, &context, &err));
	assert_ok(step_place(&journal->steps[FIRST_IMAGE].step, &context, &err));
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_as_before();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		apply_test(test_all_is_made),
		apply_test(test_undone_at_once),
		apply_test(test_undone_by_the_next_program),
		apply_test(test_undone_before_anything_was_done),
		apply_test(test_undone_after_each_step),
		apply_test(test_undone_between_making_and_noting_an_image),
		apply_test(test_steps_can_be_done_twice),
	};

	return run_as_tap(tests);
}
