/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ordinary life of a guest passes, though berth-gate would refuse everything; an unmanaged guest is
 * never asked about. */
#include "tests/unit/plugin-fixture.h"

/* virDomainLockImageAttach() */
static int call_attach(void)
{
	struct lock_manager manager;

	assert_int_equal(new_manager(&manager, "qemu:///system", 0), 0);
	assert_int_equal(driver->add_resource(&manager, 0, "/srv/vm/vm1-b.qcow2", 0, NULL, 0), 0);
	int rc = driver->acquire(&manager, NULL, 0, 0, NULL);
	driver->free_manager(&manager);
	return rc;
}

/* virDomainLockImageDetach() */
static int call_detach(void)
{
	return call_pause(NULL);
}

static void test_managed(void **state)
{
	static const char *const jobs[] = {NULL, "start", "save", "dump", "snapshot"};
	(void)state;
	answer("refuse");
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		char *at_pause = NULL;
		set_status(MANAGED, jobs[i]);
		assert_int_equal(call_start(), 0);
		assert_int_equal(call_resume(NULL), 0);
		assert_int_equal(call_attach(), 0);
		assert_int_equal(call_detach(), 0);
		assert_int_equal(times_asked(), 0);
		assert_int_equal(call_pause(&at_pause), 0);
		assert_int_equal(times_asked(), jobs[i] ? 0 : 1);
		assert_int_equal(call_resume(at_pause), 0);
		assert_int_equal(times_asked(), 0);
		assert_string_equal(libvirt_error, "");
		free(at_pause);
	}
}

static void test_unmanaged(void **state)
{
	static const char *const jobs[] = {NULL, "start", "save", "migration out", "migration in"};
	(void)state;
	answer("refuse");
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		char *text = NULL;
		set_status("<other xmlns='urn:other'/><job async='migration in'/>", jobs[i]);
		assert_int_equal(call_start(), 0);
		assert_int_equal(call_resume(NULL), 0);
		assert_int_equal(call_attach(), 0);
		assert_int_equal(call_pause(&text), 0);
		assert_null(text);
		assert_int_equal(call_inquire(&text), 0);
		assert_null(text);
		assert_int_equal(call_resume("berth1 damaged"), 0);
		assert_int_equal(call_resume("berth2 newer end"), 0);
	}
	assert_int_equal(times_asked(), 0);
}

/* An offline migration: there is no process and no status. */
static void test_stopped(void **state)
{
	(void)state;
	char *text = NULL;
	qemu_pid = 0;
	answer("refuse");
	unlink("status/" NAME ".xml");
	assert_int_equal(call_inquire(&text), 0);
	assert_null(text);
	set_status(MANAGED, NULL);
	assert_int_equal(call_inquire(&text), 0);
	assert_null(text);
	assert_int_equal(times_asked(), 0);
}

/* What can't be read is taken for managed. */
static void test_status_that_is_too_large(void **state)
{
	(void)state;
	cleanup_free char *text = NULL;
	assert_int_equal(truncate("status/" NAME ".xml", 20 << 20), 0);
	assert_int_equal(call_inquire(&text), 0);
	assert_int_equal(times_asked(), 1);
}

/* Whether the guest's manifest is written anew; forgets it. */
static bool is_refreshed(void)
{
	return unlink("refreshed") == 0;
}

/* A start and a migration have hooks of their own. */
static void test_changed_disks(void **state)
{
	static const char *const others[] = {"migration out", "migration in"};
	(void)state;
	set_status(MANAGED, NULL);
	assert_int_equal(call_attach(), 0);
	assert_true(is_refreshed());
	assert_int_equal(call_detach(), 0);
	assert_true(is_refreshed());
	assert_int_equal(call_resume(NULL), 0);
	assert_true(is_refreshed());
	set_status(MANAGED, "snapshot");
	assert_int_equal(call_attach(), 0);
	assert_false(is_refreshed()); /* the old image is still in use */
	assert_int_equal(call_detach(), 0);
	assert_true(is_refreshed());
	set_status(MANAGED, "start");
	assert_int_equal(call_start(), 0);
	assert_int_equal(call_resume(NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		set_status(MANAGED, others[i]);
		call_resume(NULL);
		assert_int_equal(call_detach(), 0);
	}
	set_status("", NULL);
	assert_int_equal(call_attach(), 0);
	assert_int_equal(call_detach(), 0);
	assert_false(is_refreshed());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_managed),
		plugin_test(test_unmanaged),
		plugin_test(test_stopped),
		plugin_test(test_changed_disks),
		plugin_test(test_status_that_is_too_large),
	};

	return run_as_tap(tests);
}
