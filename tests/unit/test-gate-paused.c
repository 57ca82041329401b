/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that a person has paused: libvirt sends the state of its pause when it is migrated, and
 * it is verified when it is resumed there; but only a QEMU that was started to receive it. */
#include "tests/unit/plugin-fixture.h"

#include "base/process.h"

#define KEY "0123456789abcdef0123456789abcdef"

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

/* As the hook marks a guest that comes (hooks/records/gate_unverified.h). */
static void mark(pid_t pid)
{
	unsigned long long start;

	assert_int_equal(process_start(pid, &start), 0);
	assert_true(mkdir("run/unverified", 0700) == 0 || errno == EEXIST);
	write_text("run/unverified/" UUID,
		   keep(xasprintf("berth-unverified\t1\nqemu\tpid=%d\tstart=%llu\n", (int)pid,
				  start)));
}

/* The source has said nothing at all, not even by a state of its own. */
static void test_marked(void **state)
{
	(void)state;
	become_qemu("-incoming");
	mark(qemu_pid);
	assert_int_equal(call_resume(NULL), 0);
	assert_asked_without_facts();
	answer("refuse");
	assert_int_equal(call_resume(NULL), -1);
	set_status(MANAGED, "snapshot");
	assert_int_equal(call_resume(NULL), -1);
	set_status(MANAGED, NULL);
	assert_int_equal(call_resume("some other lock manager's"), -1);
	asked();
	set_status(MANAGED, "migration out");
	assert_int_equal(call_resume(NULL), 0); /* it goes on where it is */
	set_status("", NULL);
	assert_int_equal(call_resume(NULL), 0);
	set_status(MANAGED, NULL);
	mark(getpid());
	assert_int_equal(call_resume(NULL), 0); /* another process's */
	assert_int_equal(times_asked(), 0);
	end_qemu();
	cleanup_free char *text = paused();
	assert_int_equal(call_resume(text), 0); /* it has run, so it was let run */
	assert_int_equal(unlink("run/unverified/" UUID), 0);
	assert_int_equal(call_resume(NULL), 0);
}

static const char *key_of_this_host(const char *name)
{
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	assert_ok(file_read(keep(xasprintf("run/%s", name)), 100, &text, &err));
	text.text[strcspn(text.text, "\n")] = '\0';
	return keep(strbuf_steal(&text));
}

static char *left_by(const char *mac)
{
	unsigned long long start;

	assert_int_equal(process_start(qemu_pid, &start), 0);
	return xasprintf("berth1 token=" KEY " left=%s.%d.%llu facts= end", mac, qemu_pid, start);
}

/* What travels to another host doesn't tell it how to make such a state for a QEMU here. */
static void test_the_secret_stays(void **state)
{
	(void)state;
	cleanup_free char *text = paused();
	const char *secret = key_of_this_host("secret");
	assert_null(strstr(text, secret));
	cleanup_free char *mac = xstrndup(strstr(text, "left=") + 5, 32);
	cleanup_free char *as_secret = left_by(secret);
	become_qemu("-incoming");
	cleanup_free char *replayed = left_by(mac);
	answer("refuse");
	assert_int_equal(call_resume(replayed), -1);
	end_qemu();
	set_status(MANAGED, "migration in");
	assert_int_equal(call_resume(as_secret), -1);
	assert_int_equal(call_resume(text), 0);
}

/* An older berth paused the guest, whose state has that berth's key; then berth was upgraded. */
static void test_paused_by_an_older_berth(void **state)
{
	(void)state;
	become_qemu("-incoming"); /* it had come long ago */
	cleanup_free char *text = left_by(KEY);
	answer("refuse");
	assert_int_equal(call_resume(text), -1);
	write_text("run/key", KEY "\n");
	assert_int_equal(driver->deinit(), 0);
	assert_int_equal(init(), 0);
	assert_int_equal(call_resume(text), 0);
	mark(qemu_pid); /* the key has travelled: no guest that comes is let through by it */
	assert_int_equal(call_resume(text), -1);
	assert_int_equal(unlink("run/unverified/" UUID), 0);
	set_status(MANAGED, "migration in");
	assert_int_equal(call_resume(text), -1);
	end_qemu();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_two_calls),
		plugin_test(test_arrives_paused),
		plugin_test(test_comes_back),
		plugin_test(test_state_of_an_earlier_life),
		plugin_test(test_saved_before_it_ran),
		plugin_test(test_no_facts),
		plugin_test(test_marked),
		plugin_test(test_the_secret_stays),
		plugin_test(test_paused_by_an_older_berth),
	};

	return run_as_tap(tests);
}
