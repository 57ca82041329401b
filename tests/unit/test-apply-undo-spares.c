/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undoing touches nothing that isn't ours by now, goes on past what can't be undone, and can be
 * repeated. */
#include "tests/unit/apply-fixture.h"

static struct journal *reopened(void)
{
	struct journal *journal = NULL;
	struct err err;

	assert_int_equal(journal_open(&site, UUID, &journal, &err), 1);
	return journal;
}

static void test_a_replaced_image_stays(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	write_text(at("other"), "precious");
	assert_int_equal(rename(at("other"), at("vm/new/b.img")), 0);
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_null(journal);
	assert_file_holds(at("vm/new/b.img"), "precious");
	assert_file_holds(at("vm/a.img"), "stale");
	assert_string_equal(files_below(site.state), "");
}

static void test_a_folder_in_use_stays(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	write_text(at("vm/new/other.img"), "precious");
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_false(exists(at("vm/new/b.img")));
	assert_file_holds(at("vm/new/other.img"), "precious");
}

/* The folder's place has a file, so it can't be removed; what was made before it is still undone.
 */
static void test_goes_on_past_a_failing_step(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	assert_int_equal(rename(at("vm/new"), at("moved")), 0);
	write_text(at("vm/new"), "precious");
	assert_fails(apply_undo(&site, NULL, &journal, &err), ENOTDIR, "disk 'vdb': ");
	assert_non_null(journal);
	journal_closep(&journal);
	assert_file_holds(at("vm/a.img"), "stale");
	assert_file_holds(at("vm/new"), "precious");

	/* Later the reason is gone. */
	journal = reopened();
	assert_true(journal->steps[FIRST_IMAGE].undone && journal->steps[SET_ASIDE].undone);
	assert_false(journal->steps[NEW_FOLDER].undone);
	unlink(at("vm/new"));
	assert_int_equal(rename(at("moved"), at("vm/new")), 0);
	unlink(at("vm/new/b.img"));
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_as_before();
}

/* The folder that was removed has been made anew, by somebody else. */
static void test_what_is_undone_is_not_undone_again(void **state)
{
	static const size_t undone[] = {SECOND_IMAGE, NEW_FOLDER};
	struct journal *journal = applied();
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(undone); i++) {
		assert_ok(step_undo(&journal->steps[undone[i]].step, &context, &err));
		assert_ok(journal_step_undone(journal, undone[i], &err));
	}
	assert_int_equal(mkdir(at("vm/new"), 0755), 0);
	journal_closep(&journal);
	journal = reopened();
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_int_equal(rmdir(at("vm/new")), 0);
	assert_as_before();
}

static void test_images_that_are_gone_already(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	unlink(at("vm/a.img"));
	unlink(at("vm/new/b.img"));
	assert_int_equal(rmdir(at("vm/new")), 0);
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_as_before();
}

/* Somebody has cleaned up by hand: no reason to refuse the guest for ever. */
static void test_the_stale_image_is_gone_too(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	unlink(at("vm/a.img.departed-01234567"));
	assert_ok(apply_undo(&site, NULL, &journal, &err));
	assert_null(journal);
	assert_string_equal(files_below(at("vm")), "");
	assert_string_equal(files_below(site.state), "");
}

static void test_the_stale_image_is_not_put_over_another(void **state)
{
	struct journal *journal = applied();
	struct err err;

	(void)state;
	write_text(at("other"), "precious");
	assert_int_equal(rename(at("other"), at("vm/a.img")), 0);
	assert_fails(apply_undo(&site, NULL, &journal, &err), EEXIST, "disk 'vda': ");
	assert_non_null(journal);
	journal_closep(&journal);
	assert_file_holds(at("vm/a.img"), "precious");
	assert_file_holds(at("vm/a.img.departed-01234567"), "stale");
	assert_true(exists(at("state/journal/" UUID)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		apply_test(test_a_replaced_image_stays),
		apply_test(test_a_folder_in_use_stays),
		apply_test(test_goes_on_past_a_failing_step),
		apply_test(test_what_is_undone_is_not_undone_again),
		apply_test(test_images_that_are_gone_already),
		apply_test(test_the_stale_image_is_gone_too),
		apply_test(test_the_stale_image_is_not_put_over_another),
	};

	return run_as_tap(tests);
}
