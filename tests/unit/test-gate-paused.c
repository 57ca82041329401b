/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that a person has paused: libvirt sends the state of its pause when it is migrated, and
 * it is verified when it is resumed there; but only a QEMU that was started to receive it. */
#include "tests/unit/plugin-fixture.h"

static char *paused(void)
{
	char *text = NULL;

	assert_int_equal(call_pause(&text), 0);
	assert_non_null(text);
	return text;
}

/* libvirt calls twice, and its variable keeps the first answer. */
static void test_two_calls(void **state)
{
	(void)state;
	cleanup_free char *text = paused();
	const char *first = text;
	cleanup_free char *same = xstrdup(text);
	assert_int_equal(times_asked(), 1);
	assert_int_equal(call_pause(&text), 0);
	assert_ptr_equal(text, first);
	assert_string_equal(text, same);
	assert_int_equal(times_asked(), 0);
}

static void test_arrives_paused(void **state)
{
	(void)state;
	cleanup_free char *text = paused();
	become_other_host();
	become_qemu("-incoming");
	asked();
	assert_int_equal(call_resume(text), 0);
	assert_true(str_starts(asked(), "verify "));
	assert_file_holds("input", FACTS);
	answer("refuse");
	assert_int_equal(call_resume(text), -1);
	assert_string_equal(libvirt_error, "berth: vm1: disk 'vda': is another");
	end_qemu();
	assert_int_equal(call_resume("berth1 damaged"), 0); /* no: this was started here */
}

/* It went away paused and came back: another process, on the same host. */
static void test_comes_back(void **state)
{
	(void)state;
	cleanup_free char *text = paused();
	answer("refuse");
	become_qemu("-incoming");
	assert_int_equal(call_resume(text), -1);
	end_qemu();
	assert_int_equal(call_resume(text), 0);
	qemu_pid = 0x7ffffffe; /* no process at all */
	assert_int_equal(call_resume(text), -1);
}

/* libvirt keeps the state of a guest that was saved, or destroyed while it was paused. */
static void test_state_of_an_earlier_life(void **state)
{
	(void)state;
	cleanup_free char *with_facts = paused(), *saved = NULL;
	set_status(MANAGED, "save");
	assert_int_equal(call_pause(&saved), 0);
	answer("refuse");
	asked();
	become_qemu("-incoming");
	set_status(MANAGED, "start");
	assert_int_equal(call_resume(saved), 0);
	assert_int_equal(call_resume(with_facts), 0);
	set_status(MANAGED, NULL);
	assert_int_equal(call_resume(saved), 0); /* restored paused */
	end_qemu();
	become_qemu("-S");
	assert_int_equal(call_resume(with_facts), 0); /* started paused */
	become_other_host();
	assert_int_equal(call_resume(with_facts), 0);
	assert_int_equal(times_asked(), 0);
	end_qemu();
}

/* Saved before it ever ran here: as long as libvirt has the state that came with it. */
static void test_saved_before_it_ran(void **state)
{
	(void)state;
	cleanup_free char *begun = NULL, *text = paused();
	set_status(MANAGED, "migration out");
	assert_int_equal(call_inquire(&begun), 0);
	become_other_host();
	become_qemu("-incoming");
	set_status(MANAGED, "start");
	answer("refuse");
	asked();
	assert_int_equal(call_resume(text), -1);
	assert_int_equal(call_resume(begun), -1);
	assert_int_equal(times_asked(), 2);
	assert_int_equal(call_resume(NULL), 0); /* another libvirtd than the one that saved it */
	assert_int_equal(call_resume("berth1 damaged"), 0);
	end_qemu();
	become_qemu("-S");
	assert_int_equal(call_resume(text), 0); /* not restored, but started */
	assert_int_equal(times_asked(), 0);
	end_qemu();
}

/* Facts that can't be had don't hinder a pause; what arrives without them berth-gate judges. */
static void test_no_facts(void **state)
{
	static const char *const answers[] = {"refuse", "hang", "killed"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		answer(answers[i]);
		cleanup_free char *text = paused();
		assert_string_equal(libvirt_error, "");
		assert_int_equal(call_resume(text), 0);
		become_other_host();
		become_qemu("-incoming");
		answer("facts");
		asked();
		assert_int_equal(call_resume(text), 0);
		assert_asked_without_facts();
		end_qemu();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_two_calls),           plugin_test(test_arrives_paused),
		plugin_test(test_comes_back),          plugin_test(test_state_of_an_earlier_life),
		plugin_test(test_saved_before_it_ran), plugin_test(test_no_facts),
	};

	return run_as_tap(tests);
}
