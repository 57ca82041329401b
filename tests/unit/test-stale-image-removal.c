/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Only the very file that the guest has left behind is removed. */
#include "tests/unit/site-fixture.h"

#include "hooks/records/stale_removal.h"

static struct image_record *record;

static int setup(void **state)
{
	struct err err;

	if (site_setup(state) < 0 || mkdir(at("vm"), 0755) < 0)
		return -1;
	write_text(at("vm/a.img"), "stale");
	if (image_record_load(&site, UUID, &record, &err) < 0)
		return -1;
	return image_record_note(record, at("vm/a.img"), IMAGE_DEPARTED, true, &err);
}

static int teardown(void **state)
{
	image_record_freep(&record);
	return scratch_teardown(state);
}

static void test_removed(void **state)
{
	struct err err;

	(void)state;
	assert_ok(stale_image_remove(&record->images[0], &err));
	assert_false(exists(at("vm/a.img")));
	assert_ok(stale_image_remove(&record->images[0], &err));
	assert_int_equal(rmdir(at("vm")), 0);
	assert_ok(stale_image_remove(&record->images[0], &err));
}

/* Since a reboot its device has another number. */
static void test_after_a_reboot(void **state)
{
	struct err err;

	(void)state;
	record->images[0].id.device++;
	assert_ok(known_image_check_stale(&record->images[0], &err));
	record->images[0].id.birth_ns = 0;
	assert_fails(stale_image_remove(&record->images[0], &err), ESTALE, "has changed since");
	assert_int_equal(file_id_of(at("vm/a.img"), &record->images[0].id, &err), 0);
	record->images[0].id.device++;
	assert_ok(stale_image_remove(&record->images[0], &err));
	assert_false(exists(at("vm/a.img")));
}

static void test_changed(void **state)
{
	struct err err;

	(void)state;
	write_text(at("vm/a.img"), "precious");
	assert_fails(stale_image_remove(&record->images[0], &err), ESTALE, "has changed since");
	assert_file_holds(at("vm/a.img"), "precious");
}

/* The folder's name leads elsewhere by now, where another file has the image's name. */
static void test_folder_exchanged(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("outside"), 0755), 0);
	write_text(at("outside/a.img"), "precious");
	assert_int_equal(rename(at("vm"), at("moved")), 0);
	assert_int_equal(symlink("outside", at("vm")), 0);
	assert_fails(stale_image_remove(&record->images[0], &err), ESTALE, "has changed since");
	assert_file_holds(at("outside/a.img"), "precious");
	assert_file_holds(at("moved/a.img"), "stale");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after_a_reboot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder_exchanged, setup, teardown),
	};

	return run_as_tap(tests);
}
