/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of applying share: a plan of all kinds of steps for two disks, in the scratch
 * folder. */
#ifndef BERTH_TESTS_UNIT_APPLY_FIXTURE_H
#define BERTH_TESTS_UNIT_APPLY_FIXTURE_H

#include "tests/unit/site-fixture.h"

#include "hooks/journal/apply.h"

static const struct step_context context = {.guest = {.site = &site}, .token = TOKEN};

enum { NEW_FOLDER, SET_ASIDE, FIRST_IMAGE, SECOND_IMAGE, STEPS };

/* What is there before: the folder vm, in it the stale image of vda, and a base image. */
static inline int apply_setup(void **state)
{
	if (site_setup(state) < 0 || mkdir(at("vm"), 0755) < 0)
		return -1;
	write_text(at("vm/a.img"), "stale");
	if (have_qemu())
		make_qcow2(at("base.qcow2"), "1M");
	return 0;
}

static inline struct journal *start_journal(void)
{
	struct step steps[STEPS] = {
		[NEW_FOLDER] = {.kind = STEP_FOLDER, .disk = "vdb", .path = (char *)at("vm/new")},
		[SET_ASIDE] =
			{
				.kind = STEP_SET_ASIDE,
				.disk = "vda",
				.path = (char *)at("vm/a.img"),
				.aside = (char *)at("vm/a.img.departed-01234567"),
				.has_id = true,
			},
		[FIRST_IMAGE] =
			{
				.kind = STEP_IMAGE,
				.disk = "vda",
				.path = (char *)at("vm/a.img"),
				.format = "qcow2",
				.virtual_bytes = 2 * MIB,
				.backing_path = (char *)at("base.qcow2"),
				.backing_format = "qcow2",
			},
		[SECOND_IMAGE] =
			{
				.kind = STEP_IMAGE,
				.disk = "vdb",
				.path = (char *)at("vm/new/b.img"),
				.format = "raw",
				.virtual_bytes = MIB,
			},
	};
	struct journal_start start = {
		.name = "vm1",
		.uuid = UUID,
		.token = TOKEN,
		.steps = steps,
		.step_count = STEPS,
	};
	struct journal *journal = NULL;
	struct err err;

	assert_ok(file_id_of(at("vm/a.img"), &steps[SET_ASIDE].id, &err));
	assert_ok(journal_create(&site, &start, &journal, &err));
	return journal;
}

static inline struct journal *applied(void)
{
	struct journal *journal = start_journal();
	struct err err;

	assert_ok(apply_steps(&site, NULL, &journal, &err));
	return journal;
}

/* As before the migration: the stale image under its name, nothing new, no journal. */
static inline void assert_as_before(void)
{
	assert_string_equal(files_below(site.state), "");
	assert_string_equal(files_below(at("vm")), "a.img\n");
	assert_file_holds(at("vm/a.img"), "stale");
	assert_false(exists(at("vm/new")));
}

#define apply_test(f)                                                              \
	needing(have_qemu(), "qemu-img and qemu-io",                               \
		(struct CMUnitTest)cmocka_unit_test_setup_teardown(f, apply_setup, \
								   scratch_teardown))

#endif
