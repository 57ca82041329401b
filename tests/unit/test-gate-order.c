/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A migration, in the order of calls that was measured: what is said at its begin is what is
 * verified at its end; and the source goes on, whatever has become of berth meanwhile. */
#include "tests/unit/plugin-fixture.h"

static void test_there(void **state)
{
	(void)state;
	cleanup_free char *at_begin = NULL, *at_pause = NULL;
	set_status(MANAGED, "migration out");
	assert_int_equal(call_inquire(&at_begin), 0);
	assert_true(str_starts(asked(), "inquire " NAME " " UUID " "));
	assert_int_equal(call_pause(&at_pause), 0);
	assert_int_equal(times_asked(), 0); /* the guest stands and waits */

	become_other_host();
	set_status(MANAGED, "start");
	assert_int_equal(call_start(), 0);
	set_status(MANAGED, "migration in");
	assert_int_equal(call_resume(at_begin), 0);
	assert_true(str_starts(asked(), "verify " NAME " " UUID " "));
	assert_file_holds("input", FACTS);
	assert_string_equal(libvirt_error, "");
}

static void test_refused_there(void **state)
{
	(void)state;
	cleanup_free char *at_begin = incoming_state();
	answer("refuse");
	assert_int_equal(call_resume(at_begin), -1);
	assert_string_equal(libvirt_error, "berth: vm1: disk 'vda': is another");
}

static void test_back_at_the_source(void **state)
{
	(void)state;
	cleanup_free char *at_begin = NULL, *at_pause = NULL;
	set_status(MANAGED, "migration out");
	assert_int_equal(call_inquire(&at_begin), 0);
	assert_int_equal(call_pause(&at_pause), 0);
	assert_non_null(at_pause);
	asked();
	unlink("berth-gate");
	assert_int_equal(call_resume(at_pause), 0);
	set_status(MANAGED, NULL);
	assert_int_equal(call_resume(at_pause), 0); /* libvirtd was started anew, and recovers */
	unlink("status/" NAME ".xml");
	assert_int_equal(call_resume(at_pause), 0);
	assert_int_equal(times_asked(), 0);
}

static void test_back_after_a_restart_of_libvirtd(void **state)
{
	(void)state;
	cleanup_free char *at_pause = NULL;
	set_status(MANAGED, "migration out");
	assert_int_equal(call_pause(&at_pause), 0);
	assert_int_equal(driver->deinit(), 0);
	assert_int_equal(init(), 0);
	answer("refuse");
	set_status(MANAGED, NULL);
	assert_int_equal(call_resume(at_pause), 0);
}

/* Its drvRelease may have failed, or the state is that of the begin. */
static void test_back_with_any_state(void **state)
{
	(void)state;
	cleanup_free char *at_begin = incoming_state();
	answer("refuse");
	set_status(MANAGED, "migration out");
	assert_int_equal(call_resume(NULL), 0);
	assert_int_equal(call_resume(at_begin), 0);
	assert_int_equal(call_resume("berth1 damaged"), 0);
	assert_int_equal(call_resume("berth7 token=1 end"), 0);
	assert_int_equal(times_asked(), 0);
}

/* Behind the switch to post-copy a refusal would lose the guest: no such migration begins. */
static void test_post_copy(void **state)
{
	(void)state;
	cleanup_free char *at_begin = NULL;
	job_flags = "0x8001";
	set_status(MANAGED, "migration out");
	assert_int_equal(call_inquire(&at_begin), -1);
	assert_null(at_begin);
	assert_int_equal(times_asked(), 0);
	assert_true(str_starts(libvirt_error, "berth: vm1: the gate can't refuse a guest in "
					      "post-copy without losing it; migrate without "));
	set_status("<other/>", "migration out");
	assert_int_equal(call_inquire(&at_begin), 0);
}

/* Nothing is known of what can't be known at its begin: no migration begins. */
static void test_no_facts_no_migration(void **state)
{
	(void)state;
	char *at_begin = NULL;
	set_status(MANAGED, "migration out");
	answer("refuse");
	assert_int_equal(call_inquire(&at_begin), -1);
	assert_null(at_begin);
	assert_string_equal(libvirt_error, "berth: vm1: disk 'vda': is another");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_there),
		plugin_test(test_refused_there),
		plugin_test(test_back_at_the_source),
		plugin_test(test_back_after_a_restart_of_libvirtd),
		plugin_test(test_back_with_any_state),
		plugin_test(test_post_copy),
		plugin_test(test_no_facts_no_migration),
	};

	return run_as_tap(tests);
}
