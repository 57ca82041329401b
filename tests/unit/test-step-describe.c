/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each kind of step has its name, and says what it does and what its undo does. */
#include "tests/unit/image-fixture.h"

#include "hooks/journal/step.h"

static void assert_described(const struct step *step, const char *what, const char *undo)
{
	cleanup_strbuf struct strbuf text = {0}, undo_text = {0};

	step_describe(step, &text);
	step_describe_undo(step, &undo_text);
	assert_string_equal(text.text, what);
	assert_string_equal(undo_text.text, undo);
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(step_kind_find("folder"), STEP_FOLDER);
	assert_int_equal(step_kind_find("set-aside"), STEP_SET_ASIDE);
	assert_int_equal(step_kind_find("image"), STEP_IMAGE);
	assert_int_equal(step_kind_find("volume"), STEP_VOLUME);
	assert_int_equal(step_kind_find("fence"), STEP_FENCE);
	assert_int_equal(step_kind_find("Image"), -1);
	assert_int_equal(step_kind_find(""), -1);
	for (int kind = 0; kind < STEP_KINDS; kind++)
		assert_int_equal(step_kind_find(step_kind_name((enum step_kind)kind)), kind);
}

static void test_words(void **state)
{
	struct step folder = {.kind = STEP_FOLDER, .disk = "vda", .path = "/srv/vm/sub"};
	struct step aside = {
		.kind = STEP_SET_ASIDE,
		.disk = "vda",
		.path = "/srv/vm/a",
		.aside = "/srv/vm/a.departed-0",
	};
	struct step image = {
		.kind = STEP_IMAGE,
		.disk = "vda",
		.path = "/srv/vm/a",
		.format = "qcow2",
		.virtual_bytes = UINT64_MAX,
	};

	(void)state;
	assert_described(&folder, "make folder '/srv/vm/sub'",
			 "remove '/srv/vm/sub' if it is empty");
	assert_described(&aside,
			 "disk 'vda': set the guest's stale image '/srv/vm/a' aside as "
			 "'a.departed-0'",
			 "rename it back to '/srv/vm/a'");
	assert_described(&image,
			 "disk 'vda': make image '/srv/vm/a' (qcow2, 18446744073709551615 bytes)",
			 "remove '/srv/vm/a' while it is the same file");
	image.backing_path = "/srv/base/b";
	assert_described(&image,
			 "disk 'vda': make image '/srv/vm/a' (qcow2, 18446744073709551615 bytes, "
			 "backed by '/srv/base/b')",
			 "remove '/srv/vm/a' while it is the same file");
}

static void test_words_of_volumes(void **state)
{
	const struct step volume = {
		.kind = STEP_VOLUME,
		.disk = "vdb",
		.path = "/dev/etherd/e1.2",
		.volume = {.kind = VOLUME_AOE, .shelf = 1, .slot = 2},
	};
	const struct step fence = {.kind = STEP_FENCE, .disk = "vdb", .path = "/dev/etherd/e1.2"};

	(void)state;
	assert_described(&volume, "disk 'vdb': attach aoe e1.2 as '/dev/etherd/e1.2'",
			 "detach it, if nobody else uses it");
	assert_described(&fence,
			 "disk 'vdb': keep everybody from writing to '/dev/etherd/e1.2' until the "
			 "guest is here",
			 "allow writing");
	assert_true(step_is_slow(STEP_VOLUME));
	assert_false(step_is_slow(STEP_FENCE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_of_volumes),
	};

	return run_as_tap(tests);
}
