/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A setting of a daemon's configuration file is set and set back, and all else in it stays. */
#include "tests/unit/image-fixture.h"

#include "libvirt/daemon_conf.h"

#define NOTE "# \"berth gate enable\" has added this; \"berth gate disable\" takes it away.\n"
#define OURS NOTE "lock_manager = \"berth\"\n"

static void assert_value(const char *text, const char *value)
{
	cleanup_free char *found = daemon_conf_value(text, "lock_manager");

	if (value)
		assert_string_equal(found, value);
	else
		assert_null(found);
}

static void test_value(void **state)
{
	(void)state;
	assert_value("", NULL);
	assert_value("#lock_manager = \"lockd\"\n", NULL);
	assert_value("lock_manager_x = \"lockd\"\n", NULL);
	assert_value("user = \"lock_manager\"\n", NULL);
	assert_value("lock_manager=\"lockd\"", "lockd");
	assert_value(" \tlock_manager\t= 'sanlock' # that one\n", "sanlock");
	assert_value("lock_manager = \"a\"\nlock_manager = \"b\"\n", "a");
	assert_value("lock_manager = lockd\n", "");
	assert_value("lock_manager = \"lock\nd\"\n", "");
}

static void test_zero(void **state)
{
	(void)state;
	assert_true(daemon_conf_is_zero("dynamic_ownership = 0\n", "dynamic_ownership"));
	assert_true(daemon_conf_is_zero("x = 1\ndynamic_ownership=0 # so\n", "dynamic_ownership"));
	assert_false(daemon_conf_is_zero("dynamic_ownership = 1\n", "dynamic_ownership"));
	assert_false(daemon_conf_is_zero("#dynamic_ownership = 0\n", "dynamic_ownership"));
	assert_false(daemon_conf_is_zero("dynamic_ownership = 01\n", "dynamic_ownership"));
	assert_true(daemon_conf_is_zero("d = 0\nd = 1\n", "d"));
	assert_false(daemon_conf_is_zero("d = 1\nd = 0\n", "d"));
	assert_false(daemon_conf_is_zero("", "d"));
}

/* @wanted: the elements, each with a '|' behind it. */
static void assert_list(const char *text, const char *wanted)
{
	cleanup_daemon_conf_list struct daemon_conf_list list = {0};
	cleanup_strbuf struct strbuf found = {0};

	daemon_conf_list(text, "folders", &list);
	strbuf_puts(&found, "");
	for (size_t i = 0; i < list.count; i++)
		strbuf_printf(&found, "%s|", list.items[i]);
	assert_string_equal(found.text, wanted);
}

static void test_list(void **state)
{
	(void)state;
	assert_list("", "");
	assert_list("#folders = [ \"/a\" ]\n", "");
	assert_list("folders_x = [ \"/a\" ]\n", "");
	assert_list("folders = []\n", "");
	assert_list("folders = [ \"/a\" ]", "/a|");
	assert_list(" folders=['/it is','/b\"c',]# so\nuser = \"x\"\n", "/it is|/b\"c|");
	assert_list("folders = [\n  \"/a\",\n# \"/not\"\n  \"/it's\"\n]\n", "/a|/it's|");
	assert_list("folders = \"/a\"\n", "/a|");
	assert_list("folders = [ \"/a\" ]\nfolders = [ \"/b\" ]\n", "/a|");
	assert_list("folders = [ \"/a\", /b, \"/c\" ]\n", "/a|");
	assert_list("folders = [ \"/a\", \"/b\n\" ]\n", "/a|");
	assert_list("folders = [ \"/a\"", "/a|");
	assert_list("folders = [", "");
	assert_list("folders =", "");
}

static void test_list_is_bounded(void **state)
{
	cleanup_daemon_conf_list struct daemon_conf_list list = {0};
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_puts(&text, "folders = [");
	for (int i = 0; i <= DAEMON_CONF_LIST_MAX; i++)
		strbuf_printf(&text, "\"/%d\",", i);
	strbuf_puts(&text, "]\nfolders = [ \"/more\" ]\n");
	daemon_conf_list(text.text, "folders", &list);
	assert_int_equal(list.count, DAEMON_CONF_LIST_MAX);
	assert_string_equal(list.items[DAEMON_CONF_LIST_MAX - 1], "/255");
}

static void assert_set(const char *before, const char *after)
{
	cleanup_strbuf struct strbuf set = {0}, again = {0}, back = {0};

	assert_true(daemon_conf_set(before, "lock_manager", "berth", &set));
	assert_string_equal(set.text, after);
	assert_value(set.text, "berth");
	assert_false(daemon_conf_set(set.text, "lock_manager", "berth", &again));
	assert_string_equal(again.text, after);
	assert_true(daemon_conf_set_back(set.text, "lock_manager", "berth", &back));
	assert_string_equal(back.text, before);
}

static void test_set_and_back(void **state)
{
	(void)state;
	assert_set("", OURS);
	assert_set("user = \"root\"\n#lock_manager = \"lockd\"\n",
		   "user = \"root\"\n#lock_manager = \"lockd\"\n" OURS);
	assert_set("a = 1\nlock_manager = \"lockd\"\nb = 2\n",
		   "a = 1\n#berth: lock_manager = \"lockd\"\nb = 2\n" OURS);
}

static void test_without_last_line_break(void **state)
{
	cleanup_strbuf struct strbuf set = {0};

	(void)state;
	assert_true(daemon_conf_set("a = 1", "lock_manager", "berth", &set));
	assert_string_equal(set.text, "a = 1\n" OURS);
}

static void test_written_by_hand(void **state)
{
	cleanup_strbuf struct strbuf back = {0}, nothing = {0};

	(void)state;
	assert_true(daemon_conf_set_back("a = 1\nlock_manager=\"berth\"\nb = 2\n", "lock_manager",
					 "berth", &back));
	assert_string_equal(back.text, "a = 1\nb = 2\n");
	assert_false(daemon_conf_set_back("lock_manager = \"lockd\"\n", "lock_manager", "berth",
					  &nothing));
	assert_string_equal(nothing.text, "lock_manager = \"lockd\"\n");
}

static void test_write_keeps_mode_link_and_copy(void **state)
{
	struct strbuf before = {.text = "old\n", .length = 4},
		      after = {.text = "new\n", .length = 4};
	struct stat st;
	struct err err;

	(void)state;
	write_text(at("real.conf"), "old\n");
	assert_int_equal(chmod(at("real.conf"), 0640), 0);
	assert_int_equal(symlink("real.conf", at("qemu.conf")), 0);
	assert_ok(daemon_conf_write(at("qemu.conf"), &before, &after, &err));
	assert_file_holds(at("real.conf"), "new\n");
	assert_file_holds(at("real.conf.before-berth"), "old\n");
	assert_int_equal(lstat(at("qemu.conf"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(at("real.conf"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void test_write_new_file(void **state)
{
	struct strbuf before = {.text = "", .length = 0}, after = {.text = "new\n", .length = 4};
	struct stat st;
	struct err err;

	(void)state;
	assert_ok(daemon_conf_write(at("new.conf"), &before, &after, &err));
	assert_int_equal(stat(at("new.conf"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(file_exists(at("new.conf.before-berth")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_value),
		scratch_test(test_zero),
		scratch_test(test_list),
		scratch_test(test_list_is_bounded),
		scratch_test(test_set_and_back),
		scratch_test(test_without_last_line_break),
		scratch_test(test_written_by_hand),
		scratch_test(test_write_keeps_mode_link_and_copy),
		scratch_test(test_write_new_file),
	};

	return run_as_tap(tests);
}
