/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each kind of step has its name, and says what it does and what its undo does. */
#include "tests/unit/image-fixture.h"

#include "hooks/step.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_words),
	};

	return run_as_tap(tests);
}
