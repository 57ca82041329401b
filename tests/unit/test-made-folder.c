/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders that were made for an image go with it, as far as they are empty; no other one does. */
#include "tests/unit/site-fixture.h"

#include "hooks/journal/made_folder.h"

static struct config config;

static struct journal *journal_of(const char *const *folders, size_t count)
{
	struct step steps[4] = {0};
	struct journal *journal = NULL;
	struct err err;

	for (size_t i = 0; i < count; i++)
		steps[i] = (struct step){
			.kind = STEP_FOLDER, .disk = "vda", .path = (char *)folders[i]};
	struct journal_start start = {
		.name = "vm1",
		.uuid = UUID,
		.token = TOKEN,
		.steps = steps,
		.step_count = count,
	};
	assert_ok(journal_create(&site, &start, &journal, &err));
	return journal;
}

static void test_which(void **state)
{
	static const char *const folders[] = {"/srv/b", "/srv/a", "/srv/a/deep"};

	(void)state;
	cleanup_journal struct journal *journal = journal_of(folders, ARRAY_SIZE(folders));
	assert_string_equal(made_folder_of(journal, "/srv/a/deep/x.img"), "/srv/a");
	assert_string_equal(made_folder_of(journal, "/srv/b/x.img"), "/srv/b");
	assert_null(made_folder_of(journal, "/srv/x.img"));
	assert_null(made_folder_of(journal, "/srv/ab/x.img"));
}

/* Noted, through the file of the record, in a state that changes. */
static struct image_record *noted(const char *folder)
{
	struct image_record *record = NULL, *again = NULL;
	struct err err;

	run("mkdir", "-p", at("made/deep"));
	write_text(at("made/deep/x.img"), "");
	assert_ok(image_record_load(&site, UUID, &record, &err));
	assert_ok(image_record_note(record, at("made/deep/x.img"), IMAGE_RESIDENT, true, &err));
	made_folder_note(&record->images[0], folder);
	made_folder_note(&record->images[0], NULL);
	assert_ok(image_record_note(record, at("made/deep/x.img"), IMAGE_DEPARTED, true, &err));
	assert_ok(image_record_save(&site, record, &err));
	image_record_freep(&record);
	assert_ok(image_record_load(&site, UUID, &again, &err));
	return again;
}

static void test_all_of_them(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted(at("made"));
	unlink(at("made/deep/x.img"));
	made_folder_remove(&record->images[0], &config);
	assert_false(exists(at("made")));
	assert_true(exists(scratch));
	made_folder_remove(&record->images[0], &config);
	assert_true(exists(scratch));
}

static void test_what_somebody_uses(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted(at("made"));
	made_folder_remove(&record->images[0], &config);
	assert_true(exists(at("made/deep/x.img")));
	unlink(at("made/deep/x.img"));
	write_text(at("made/y.img"), "");
	made_folder_remove(&record->images[0], &config);
	assert_false(exists(at("made/deep")));
	assert_true(exists(at("made/y.img")));
}

static void test_no_other(void **state)
{
	(void)state;
	cleanup_image_record struct image_record *record = noted(NULL);
	unlink(at("made/deep/x.img"));
	made_folder_remove(&record->images[0], &config);
	assert_true(exists(at("made/deep")));
	made_folder_note(&record->images[0], at("made/deep"));
	made_folder_remove(&record->images[0], &config);
	assert_false(exists(at("made/deep")));
	assert_true(exists(at("made")));
}

/* Somebody who may write below the root leads the name to a folder of the same name elsewhere. */
static void test_no_link_leads_out(void **state)
{
	char *roots[] = {(char *)at("root")};
	struct known_image image = {
		.path = (char *)at("root/made/deep/x.img"),
		.folder = (char *)at("root/made"),
	};

	(void)state;
	run("mkdir", "-p", at("root"), at("victim/deep"));
	config.roots = (struct names){.items = roots, .count = 1};
	assert_int_equal(symlink(at("victim"), at("root/made")), 0);
	made_folder_remove(&image, &config);
	assert_true(exists(at("victim/deep")));
	assert_int_equal(unlink(at("root/made")), 0);
	run("mkdir", "-p", at("root/made/deep"));
	made_folder_remove(&image, &config);
	assert_false(exists(at("root/made")));
	assert_true(exists(at("root")));
	config.roots = (struct names){0};
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_which),
		site_test(test_all_of_them),
		site_test(test_what_somebody_uses),
		site_test(test_no_other),
		site_test(test_no_link_leads_out),
	};

	return run_as_tap(tests);
}
