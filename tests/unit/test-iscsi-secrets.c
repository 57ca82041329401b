/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target's CHAP names and passwords are those of the section that fits best, from a file that
 * only root can read; no error shows one. */
#include "tests/unit/image-fixture.h"
#include "storage/iscsi_secrets.h"

#define LONG "iqn.2010-10.org.openstack:volume-9f1c9e4a-5d0b-4c62-8a55-3f2f60f9a6e1"

static void have_secrets(const char *text)
{
	write_text(at("iscsi.conf"), text);
	assert_int_equal(chmod(at("iscsi.conf"), 0600), 0);
}

static void assert_secret(const char *iqn, const char *username, const char *password)
{
	cleanup_iscsi_secret struct iscsi_secret secret = {0};
	struct err err;

	int rc = iscsi_secret_find(scratch, iqn, &secret, &err);
	assert_ok(rc);
	assert_int_equal(rc, username ? 1 : 0);
	assert_true(str_equal(secret.username, username));
	assert_true(str_equal(secret.password, password));
}

static void test_best_section(void **state)
{
	(void)state;
	have_secrets("[*]\nusername = all\npassword = p-all\n"
		     "[iqn.2026-11.lab:*]\nusername = lab\npassword = p-lab\n"
		     "[iqn.2026-11.lab:one]\nusername = one\npassword = p one = 1 # x\n"
		     "[iqn.2026-11.lab:o*]\nusername = o\npassword = p-o\n"
		     "[" LONG "]\nusername = long\npassword = p-long\n"
		     "[" LONG "x]\nusername = longer\npassword = p-longer\n");
	assert_secret("iqn.2026-11.lab:one", "one", "p one = 1 # x");
	assert_secret("iqn.2026-11.lab:one1", "o", "p-o");
	assert_secret("iqn.2026-11.lab:two", "lab", "p-lab");
	assert_secret("iqn.2026-11.lab", "all", "p-all");
	assert_secret(LONG, "long", "p-long");
	assert_secret(LONG "x", "longer", "p-longer");
	assert_secret(LONG "y", "all", "p-all");
}

static void test_none(void **state)
{
	(void)state;
	assert_secret("iqn.2026-11.lab:one", NULL, NULL);
	have_secrets("# nothing\n[iqn.2026-11.lab:two*]\nusername = u\npassword = p\n[]\n");
	assert_secret("iqn.2026-11.lab:one", NULL, NULL);
	assert_secret("iqn.2026-11.lab:tw", NULL, NULL);
}

static void test_both_directions(void **state)
{
	cleanup_iscsi_secret struct iscsi_secret secret = {0};
	struct err err;

	(void)state;
	have_secrets("[*]\nusername=u\npassword=p\nusername_in=ui\npassword_in=pi\n");
	assert_ok(iscsi_secret_find(scratch, "iqn.x", &secret, &err));
	assert_string_equal(secret.username_in, "ui");
	assert_string_equal(secret.password_in, "pi");
}

static void test_wrong(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"[*]\nusername = u\n", "a username needs its password"},
		{"[*]\npassword = sesame\n", "a username needs its password"},
		{"[*]\nusername = u\npassword = sesame\nusername_in = v\n", "needs its password"},
		{"[*]\nusername_in = u\npassword_in = sesame\n", "needs username and password too"},
		{"[*]\nuser = u\npassword = sesame\n", "iscsi.conf:2: unknown key"},
		{"[*]\nusername = u\npassword = sesame\npassword = sesame2\n",
		 "iscsi.conf:4: [*] password: is there twice"},
		{"[*]\nusername = u\npassword = sesame\n goes on\n",
		 "iscsi.conf:4: this line begins"},
		{"[*]\nusername = u\npassword =\n", "iscsi.conf:3: password: must have 1 to 255"},
		{"[*]\nusername = u\npassword = sesame\x01\n", "only printable"},
		{"[*]\nusername = u\nsesame\n", "iscsi.conf:3: neither"},
	};
	struct iscsi_secret secret;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		have_secrets(cases[i].text);
		assert_fails(iscsi_secret_find(scratch, "iqn.x", &secret, &err), EINVAL,
			     cases[i].part);
		assert_null(strstr(err.text, "sesame"));
	}
	have_secrets(keep(xasprintf("[*]\nusername = u\npassword = %0300d\n", 0)));
	assert_fails(iscsi_secret_find(scratch, "iqn.x", &secret, &err), EINVAL,
		     "iscsi.conf:3: line is too long");
}

static void test_others_could_read_it(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0700};
	struct iscsi_secret secret;
	struct err err;

	(void)state;
	have_secrets("[*]\nusername = u\npassword = sesame\n");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(chmod(at("iscsi.conf"), modes[i]), 0);
		assert_fails(iscsi_secret_find(scratch, "iqn.x", &secret, &err), EPERM,
			     "; chmod 600 it");
	}
	assert_int_equal(chmod(at("iscsi.conf"), 0600), 0);
	assert_int_equal(chown(at("iscsi.conf"), 1, 0), 0);
	assert_fails(iscsi_secret_find(scratch, "iqn.x", &secret, &err), EPERM,
		     "belongs to user 1; chown root it");
	assert_int_equal(rename(at("iscsi.conf"), at("other")), 0);
	assert_int_equal(symlink("other", at("iscsi.conf")), 0);
	assert_fails(iscsi_secret_find(scratch, "iqn.x", &secret, &err), ELOOP, "iscsi.conf");
	assert_int_equal(unlink(at("iscsi.conf")), 0);
	assert_int_equal(mkfifo(at("iscsi.conf"), 0600), 0);
	assert_fails(iscsi_secret_find(scratch, "iqn.x", &secret, &err), EPERM, "no regular file");
}

#define owner_test(f) needing(geteuid() == 0, "root", scratch_test(f))

int main(void)
{
	const struct CMUnitTest tests[] = {
		owner_test(test_best_section),         owner_test(test_none),
		owner_test(test_both_directions),      owner_test(test_wrong),
		owner_test(test_others_could_read_it),
	};

	return run_as_tap(tests);
}
