/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step that fails takes those before it back: the host is as before, and the error is that of the
 * step. */
#include "tests/unit/apply-fixture.h"
#include "tests/unit/full-disk-fixture.h"

static void assert_apply_fails(struct journal *journal, int code, const char *words)
{
	struct err err;

	assert_fails(apply_steps(&site, NULL, &journal, &err), code, words);
	assert_null(journal);
}

static void test_in_the_middle(void **state)
{
	(void)state;
	struct journal *journal = start_journal();
	unlink(at("base.qcow2"));
	assert_apply_fails(journal, ENOENT, keep(xasprintf("disk 'vda': ")));
	assert_as_before();
}

static void test_the_last_one(void **state)
{
	(void)state;
	struct journal *journal = start_journal();
	journal->steps[SECOND_IMAGE].step.virtual_bytes = 1000;
	assert_apply_fails(journal, EINVAL, "disk 'vdb': ");
	assert_as_before();
}

static void test_the_first_one(void **state)
{
	(void)state;
	struct journal *journal = start_journal();
	struct step *folder = &journal->steps[NEW_FOLDER].step;
	free(folder->path);
	folder->path = xstrdup(at("nowhere/new"));
	assert_apply_fails(journal, ENOENT, "disk 'vdb': make folder");
	assert_as_before();
}

/* Between the survey and the step somebody has put a file there: it stays. */
static void test_the_path_is_taken_meanwhile(void **state)
{
	(void)state;
	struct journal *journal = start_journal();
	struct step *image = &journal->steps[SECOND_IMAGE].step;
	free(image->path);
	image->path = xstrdup(at("vm/taken.img"));
	write_text(at("vm/taken.img"), "precious");
	assert_apply_fails(journal, EEXIST, "disk 'vdb': ");
	assert_file_holds(at("vm/taken.img"), "precious");
	unlink(at("vm/taken.img"));
	assert_as_before();
}

static void test_the_stale_image_was_changed_meanwhile(void **state)
{
	(void)state;
	struct journal *journal = start_journal();
	write_text(at("vm/other.img"), "precious");
	assert_int_equal(rename(at("vm/other.img"), at("vm/a.img")), 0);
	assert_apply_fails(journal, ESTALE, "disk 'vda': ");
	assert_file_holds(at("vm/a.img"), "precious");
	assert_string_equal(files_below(at("vm")), "a.img\n");
	assert_string_equal(files_below(site.state), "");
}

/* Not a line fits into the journal: what was done is undone, although that can't be noted either.
 */
static void test_the_journal_finds_no_room(void **state)
{
	struct step steps[] = {
		{.kind = STEP_FOLDER, .disk = "vda", .path = (char *)at("vm/new")},
		{.kind = STEP_FOLDER, .disk = "vda", .path = (char *)at("vm/new/er")},
	};
	struct journal_start start = {
		.name = "vm1",
		.uuid = UUID,
		.token = TOKEN,
		.steps = steps,
		.step_count = ARRAY_SIZE(steps),
	};
	struct journal *journal = NULL;
	struct stat st;
	struct err err;

	(void)state;
	assert_ok(journal_create(&site, &start, &journal, &err));
	assert_int_equal(fstat(journal->fd, &st), 0);
	fill_disk_at((size_t)st.st_size + 1);
	int rc = apply_steps(&site, NULL, &journal, &err);
	make_room_again();
	assert_int_equal(rc, -EFBIG);
	assert_null(journal);
	assert_as_before();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		apply_test(test_in_the_middle),
		apply_test(test_the_last_one),
		apply_test(test_the_first_one),
		apply_test(test_the_path_is_taken_meanwhile),
		apply_test(test_the_stale_image_was_changed_meanwhile),
		apply_test(test_the_journal_finds_no_room),
	};

	return run_as_tap(tests);
}
