/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node record is found however open-iscsi has filed it, and gets berth's settings and no others.
 */
#include "tests/unit/image-fixture.h"
#include "storage/iscsi_record.h"

#define IQN "iqn.2026-11.lab:one"

static char *found(const char *portal)
{
	const char *const folders[] = {at("no-such"), at("nodes"), NULL};

	return iscsi_record_find(folders, IQN, portal);
}

static void assert_found(const char *portal, const char *name)
{
	cleanup_free char *record = found(portal);

	if (!name)
		assert_null(record);
	else
		assert_string_equal(record, at(name));
}

static void test_find(void **state)
{
	struct err err;

	(void)state;
	assert_found("10.0.0.1:3260", NULL);
	assert_ok(file_make_folders(at("nodes/" IQN "/10.0.0.1,3260,1"), 0700, &err));
	write_text(at("nodes/" IQN "/10.0.0.2,3260"), "");
	write_text(at("nodes/" IQN "/fd00::1,3260,-1"), "");
	write_text(at("nodes/" IQN "/storage.example,3260,1"), "");
	write_text(at("nodes/" IQN "/10.0.0.3"), "");
	assert_found("10.0.0.1:3260", "nodes/" IQN "/10.0.0.1,3260,1");
	assert_found("10.0.0.2:3260", "nodes/" IQN "/10.0.0.2,3260");
	assert_found("[fd00::1]:3260", "nodes/" IQN "/fd00::1,3260,-1");
	assert_found("10.0.0.1:3261", NULL);
	assert_found("10.0.0.3:3260", NULL);
	assert_found("10.0.0.10:3260", NULL);
}

#define SETTINGS                                     \
	"node.startup = manual\n"                    \
	"node.conn[0].startup = manual\n"            \
	"node.session.nr_sessions = 1\n"             \
	"node.session.scan = manual\n"               \
	"node.session.initial_login_retry_max = 2\n" \
	"node.conn[0].timeo.login_timeout = 14\n"

static void test_settings(void **state)
{
	struct iscsi_secret secret = {.username = "u", .password = "p = #"};
	struct stat st;
	struct err err;

	(void)state;
	write_text(at("record"),
		   "# BEGIN RECORD 2.1.8\nnode.name = " IQN "\nnode.startup = automatic\n"
		   "node.session.scan = auto\nnode.session.auth.authmethod = None\n"
		   "node.session.auth.username_in = x\n# END RECORD\n");
	assert_ok(iscsi_record_configure(at("record"), NULL, 30000, &err));
	assert_file_holds(at("record"),
			  "# BEGIN RECORD 2.1.8\nnode.name = " IQN "\n"
			  "node.session.auth.authmethod = None\n"
			  "node.session.auth.username_in = x\n" SETTINGS "# END RECORD\n");
	assert_ok(iscsi_record_configure(at("record"), &secret, 30000, &err));
	assert_file_holds(at("record"), "# BEGIN RECORD 2.1.8\nnode.name = " IQN "\n"
					"node.session.auth.username_in = x\n" SETTINGS
					"node.session.auth.authmethod = CHAP\n"
					"node.session.auth.username = u\n"
					"node.session.auth.password = p = #\n# END RECORD\n");
	assert_int_equal(stat(at("record"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_login_time(void **state)
{
	static const struct {
		int ms;
		const char *attempts, *timeout;
	} cases[] = {{0, "= 1\n", "= 1\n"},     {1500, "= 1\n", "= 1\n"},
		     {5000, "= 1\n", "= 4\n"},  {16000, "= 1\n", "= 15\n"},
		     {17000, "= 2\n", "= 8\n"}, {61000, "= 4\n", "= 15\n"}};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_strbuf struct strbuf text = {0};
		write_text(at("record"), "");
		assert_ok(iscsi_record_configure(at("record"), NULL, cases[i].ms, &err));
		assert_ok(file_read(at("record"), 4096, &text, &err));
		assert_non_null(strstr(text.text,
				       keep(xasprintf("login_retry_max %s", cases[i].attempts))));
		assert_non_null(
			strstr(text.text, keep(xasprintf("login_timeout %s", cases[i].timeout))));
	}
}

/* open-iscsi before 2.0.874 */
static void test_cannot_wait_for_scans(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	(void)state;
	write_text(at("record"), "node.name = " IQN "\n");
	assert_ok(iscsi_record_configure(at("record"), NULL, 30000, &err));
	assert_ok(file_read(at("record"), 4096, &text, &err));
	assert_null(strstr(text.text, "node.session.scan"));
}

static void test_all_interfaces(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("record"), 0700), 0);
	write_text(at("record/default"), "node.session.scan = auto\n");
	write_text(at("record/eth1"), "node.session.scan = auto\n");
	assert_ok(iscsi_record_configure(at("record"), NULL, 30000, &err));
	assert_file_holds(at("record/default"), SETTINGS "# END RECORD\n");
	assert_file_holds(at("record/eth1"), SETTINGS "# END RECORD\n");
	assert_fails(iscsi_record_configure(at("other"), NULL, 30000, &err), ENOENT, "node record");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_find),           scratch_test(test_settings),
		scratch_test(test_login_time),     scratch_test(test_cannot_wait_for_scans),
		scratch_test(test_all_interfaces),
	};

	return run_as_tap(tests);
}
