/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another lock manager behind berth gets every call in order; its state travels inside berth's;
 * what it refuses is refused, and what berth refuses after it is taken back from it. */
#include "tests/unit/plugin-fixture.h"

static const char *other_was_told(void)
{
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	strbuf_puts(&text, "");
	if (exists("other"))
		assert_ok(file_read("other", 1 << 20, &text, &err));
	unlink("other");
	return keep(strbuf_steal(&text));
}

static int restart(const char *conf)
{
	assert_int_equal(driver->deinit(), 0);
	write_text("qemu-berth.conf", conf);
	return init();
}

static int chain_setup(void **state)
{
	if (plugin_setup(state) < 0 || restart("# locks\nchain = \"other\"\n") < 0)
		return -1;
	write_text("other-state", "&<'lease");
	return 0;
}

static int chain_teardown(void **state)
{
	unlink("other-fails");
	unlink("other-complains");
	return plugin_teardown(state);
}

#define chain_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, chain_setup, chain_teardown))
#define BEGIN "new - 5\nadd /srv/vm/vm1.qcow2 0\n"
#define END "free - 0\n"

static void test_gets_every_call(void **state)
{
	char *text = NULL;

	(void)state;
	assert_string_equal(other_was_told(), "init ./qemu-other.conf 1000000\n");
	assert_int_equal(call_start(), 0);
	assert_string_equal(other_was_told(), BEGIN "acquire - 3\n" END);
	assert_int_equal(call_resume(NULL), 0);
	assert_string_equal(other_was_told(), BEGIN "acquire - 0\n" END);
	assert_int_equal(call_inquire(&text), 0);
	assert_string_equal(other_was_told(), BEGIN "inquire &<'lease 0\n" END);
	assert_int_equal(strcspn(text, "&<>'\""), strlen(text));
	free(steal_pointer(text));
	assert_int_equal(call_pause(&text), 0);
	assert_string_equal(other_was_told(), BEGIN "release &<'lease 0\n" END);
	assert_int_equal(call_resume(text), 0);
	assert_string_equal(other_was_told(), BEGIN "acquire &<'lease 0\n" END);
	free(text);
	assert_int_equal(call_pause(NULL), 0);
	assert_string_equal(other_was_told(), BEGIN "release - 0\n" END);
	assert_int_equal(restart(""), 0);
	assert_string_equal(other_was_told(), "deinit - 0\n");
}

/* Of a guest that berth doesn't manage too. */
static void test_state_travels(void **state)
{
	cleanup_free char *text = NULL;

	(void)state;
	set_status("", "migration out");
	assert_int_equal(call_inquire(&text), 0);
	become_other_host();
	set_status("", "migration in");
	other_was_told();
	answer("refuse");
	assert_int_equal(call_resume(text), 0);
	assert_string_equal(other_was_told(), BEGIN "acquire &<'lease 0\n" END);
	assert_int_equal(times_asked(), 0);
	/* The state of a guest that was paused before berth came is all the other's. */
	assert_int_equal(call_resume("its own"), 0);
	assert_string_equal(other_was_told(), BEGIN "acquire its own 0\n" END);
}

static void assert_fails_too(const char *call, int (*ours)(char **))
{
	char *text = NULL;

	write_text("other-fails", call);
	libvirt_error[0] = '\0';
	assert_int_equal(ours(&text), -1);
	assert_string_equal(libvirt_error, ""); /* the other has set one */
	free(text);
}

static int resume_any(char **text)
{
	return call_resume(*text);
}

static int new_only(char **text)
{
	struct lock_manager manager;

	(void)text;
	return new_manager(&manager, NULL, 0);
}

static int add_only(char **text)
{
	struct lock_manager manager;

	(void)text;
	assert_int_equal(new_manager(&manager, NULL, 0), 0);
	int rc = driver->add_resource(&manager, 0, "/disk", 0, NULL, 0);
	driver->free_manager(&manager);
	return rc;
}

static void test_its_refusals_are_ours(void **state)
{
	(void)state;
	assert_fails_too("new", new_only);
	assert_fails_too("add", add_only);
	assert_fails_too("acquire", resume_any);
	assert_fails_too("release", call_pause);
	assert_fails_too("inquire", call_inquire);
	assert_int_equal(times_asked(), 1); /* the pause's */
}

static void test_says_why_it_does_not_start(void **state)
{
	(void)state;
	write_text("other-fails", "init");
	snprintf(libvirt_error, sizeof(libvirt_error), "of another call");
	assert_int_equal(restart("chain = 'other'"), -1);
	assert_string_equal(libvirt_error, "berth: gate: lock manager 'other' does not start; see "
					   "'./qemu-other.conf'");
	write_text("other-complains", "");
	assert_int_equal(init(), -1);
	assert_string_equal(libvirt_error, "berth: gate: lock manager 'other' does not start: no "
					   "host ID is set; see './qemu-other.conf'");
	unlink("other-fails");
	assert_int_equal(init(), 0); /* libvirt's sanlock without its daemon */
	assert_int_equal(restart("chain = 'absent'"), -1);
	assert_non_null(strstr(libvirt_error, "/absent.so: cannot open shared object file"));
	assert_non_null(strstr(libvirt_error, "; install libvirt's plugin for it, or take chain "
					      "out of './qemu-berth.conf'"));
	write_text("qemu-berth.conf", "");
	assert_int_equal(init(), 0);
}

static void test_names_the_package(void **state)
{
	(void)state;
	assert_int_equal(restart("chain = 'lockd'"), -1);
	assert_non_null(strstr(libvirt_error, "; install libvirt's plugin for it, package "
					      "libvirt-daemon-plugin-lockd (Debian 12: "
					      "libvirt-daemon), or take chain out of "));
	write_text("qemu-berth.conf", "chain = 'sanlock'");
	assert_int_equal(init(), -1);
	assert_non_null(strstr(libvirt_error, "package libvirt-daemon-plugin-sanlock (Debian 12: "
					      "libvirt-sanlock), or take"));
	write_text("qemu-berth.conf", "");
	assert_int_equal(init(), 0);
}

static void test_ours_is_taken_back(void **state)
{
	cleanup_free char *text = incoming_state();

	(void)state;
	other_was_told();
	answer("refuse");
	assert_int_equal(call_resume(text), -1);
	assert_string_equal(other_was_told(), BEGIN "acquire &<'lease 0\nrelease &<'lease 0\n" END);
	assert_string_equal(libvirt_error, "berth: vm1: disk 'vda': is another");
	assert_int_equal(call_resume("berth1 damaged"), -1); /* seen before anything was acquired */
	assert_string_equal(other_was_told(), BEGIN END);
}

static void test_both_hosts_or_none(void **state)
{
	cleanup_free char *with = incoming_state(), *without = NULL;

	(void)state;
	assert_int_equal(call_resume(NULL), -1);
	assert_string_equal(libvirt_error,
			    "berth: vm1: lock manager behind berth: none on the source host, other "
			    "here; make chain in qemu-berth.conf the same on both");
	assert_int_equal(restart(""), 0);
	assert_int_equal(call_resume(with), -1);
	assert_non_null(strstr(libvirt_error, "other on the source host, none here"));
	/* A guest that was paused before the configuration was changed goes on. */
	set_status(MANAGED, NULL);
	assert_int_equal(call_pause(&without), 0);
	assert_int_equal(restart("chain = 'other'"), 0);
	assert_int_equal(call_resume(without), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		chain_test(test_gets_every_call),       chain_test(test_state_travels),
		chain_test(test_its_refusals_are_ours), chain_test(test_ours_is_taken_back),
		chain_test(test_both_hosts_or_none),    chain_test(test_says_why_it_does_not_start),
		chain_test(test_names_the_package),
	};

	return run_as_tap(tests);
}
