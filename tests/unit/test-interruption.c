/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a power cut leaves of a migration: harmless where the guest can't have run here, kept where
 * it may have. */
#include "tests/unit/site-fixture.h"

#include "hooks/journal/interruption.h"
#include "base/boot_id.h"
#include "hooks/records/image_record.h"

#define EARLIER "0c3e5f60-7182-4394-a5b6-c7d8e9fa0b1c"
#define ASIDE "made.interrupted-01234567"

static struct journal *begin(const char *boot)
{
	struct step step = {.kind = STEP_IMAGE, .disk = "vda", .path = (char *)at("made")};
	struct journal_start start = {
		.name = "vm1",
		.uuid = UUID,
		.token = TOKEN,
		.source = "hosta",
		.boot = boot,
		.steps = &step,
		.step_count = 1,
	};
	struct journal *journal = NULL;
	struct err err;

	assert_ok(journal_create(&site, &start, &journal, &err));
	return journal;
}

static void test_the_same_boot(void **state)
{
	cleanup_free char *now = NULL;
	struct err err;

	(void)state;
	assert_ok(boot_id(&now, &err));
	cleanup_journal struct journal *journal = begin(now);
	assert_ok(journal_set_started(journal, true, false, &err));
	assert_false(interruption_was(journal) || interruption_is_harmless(journal));
}

static void test_an_older_berth(void **state)
{
	(void)state;
	cleanup_journal struct journal *journal = begin(NULL);
	assert_false(interruption_was(journal) || interruption_is_harmless(journal));
}

static void test_each_phase(void **state)
{
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = begin(EARLIER);
	assert_true(interruption_was(journal) && interruption_is_harmless(journal));
	assert_ok(journal_set_phase(journal, PHASE_PREPARING, &err));
	assert_true(interruption_is_harmless(journal));
	assert_ok(journal_set_started(journal, false, false, &err));
	assert_true(interruption_was(journal) && !interruption_is_harmless(journal));
	assert_ok(journal_set_started(journal, true, false, &err));
	assert_true(interruption_is_harmless(journal));
	assert_ok(journal_set_started(journal, true, true, &err));
	assert_false(interruption_is_harmless(journal));
	assert_ok(journal_set_phase(journal, PHASE_RAN, &err));
	assert_true(interruption_was(journal) && !interruption_is_harmless(journal));
}

static const struct config *config_here(void)
{
	static char *roots[1];
	static struct config config;

	roots[0] = (char *)at("");
	config = (struct config){.roots = {roots, 1}};
	return &config;
}

static void assert_kept(const struct journal *journal)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	assert_ok(interruption_keep_images(&site, config_here(), journal, &err));
	assert_file_holds(at(ASIDE), "what came");
	assert_ok(image_record_load(&site, UUID, &record, &err));
	assert_int_equal(record->count, 1);
	assert_string_equal(record->name, "vm1");
	assert_string_equal(record->images[0].path, at(ASIDE));
	assert_int_equal(record->images[0].state, IMAGE_ASIDE);
	assert_true(record->images[0].made && known_image_is_unchanged(&record->images[0]));
}

static void note_made(struct journal *journal)
{
	struct err err;

	write_text(at("made"), "what came");
	assert_ok(file_id_of(at("made"), &journal->steps[0].step.id, &err));
	journal->steps[0].step.has_id = true;
	assert_ok(journal_steps_done(journal, 0, 1, &err));
}

static void test_kept_and_kept_again(void **state)
{
	(void)state;
	cleanup_journal struct journal *journal = begin(EARLIER);
	note_made(journal);
	assert_kept(journal);
	assert_false(exists(at("made")));
	run("rm", at("state/images/" UUID)); /* killed before it was noted */
	assert_kept(journal);
}

/* Since the power cut the device has another number. */
static void test_another_number(void **state)
{
	(void)state;
	cleanup_journal struct journal *journal = begin(EARLIER);
	note_made(journal);
	journal->steps[0].step.id.device++;
	assert_kept(journal);
	assert_false(exists(at("made")));
}

static void test_nothing_to_keep(void **state)
{
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = begin(EARLIER);
	assert_ok(interruption_keep_images(&site, config_here(), journal, &err));
	note_made(journal);
	unlink(at("made"));
	assert_ok(interruption_keep_images(&site, config_here(), journal, &err));
	usleep(20000); /* the time of birth has the kernel's tick */
	write_text(at("made"), "somebody else's");
	assert_ok(interruption_keep_images(&site, config_here(), journal, &err));
	assert_file_holds(at("made"), "somebody else's");
	assert_false(exists(at(ASIDE)) || exists(at("state/images/" UUID)));
}

static void test_where_it_runs(void **state)
{
	char here[256] = "";
	struct manifest manifest = {.host = "another-host"};
	struct domain domain = {0};

	(void)state;
	assert_false(interruption_runs_elsewhere(&domain));
	domain.manifest = &manifest;
	assert_true(interruption_runs_elsewhere(&domain));
	assert_int_equal(gethostname(here, sizeof(here) - 1), 0);
	manifest.host = here;
	assert_false(interruption_runs_elsewhere(&domain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_the_same_boot),   site_test(test_an_older_berth),
		site_test(test_each_phase),      site_test(test_kept_and_kept_again),
		site_test(test_nothing_to_keep), site_test(test_where_it_runs),
		site_test(test_another_number),
	};

	return run_as_tap(tests);
}
