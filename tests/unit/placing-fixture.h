/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How images are placed, whichever system calls a file system refuses. */
#ifndef BERTH_TESTS_UNIT_PLACING_FIXTURE_H
#define BERTH_TESTS_UNIT_PLACING_FIXTURE_H

#include "tests/unit/image-fixture.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "storage/provision.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

/* From now on this process, and its children, have that filter. */
static inline int filter_calls(struct sock_filter *code, unsigned short length)
{
	struct sock_fprog program = {length, code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static inline struct file_id make(void)
{
	struct new_image what = {at("a.img"), "raw",     MIB,       NULL,          NULL,
				 0600,        (uid_t)-1, (gid_t)-1, .token = TOKEN};
	struct file_id id;
	struct err err;

	assert_ok(provision_make(&what, NULL, &id, &err));
	return id;
}

static inline void test_placed(void **state)
{
	struct stat st;
	struct err err;

	(void)state;
	struct file_id id = make();
	for (int i = 0; i < 2; i++)
		assert_ok(provision_place(at("a.img"), NULL, TOKEN, &id, &err));
	assert_false(exists(at(".berth-" TOKEN "-a.img")));
	assert_int_equal(stat(at("a.img"), &st), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(provision_undo(at("a.img"), NULL, TOKEN, &id, &err), 1);
	assert_false(exists(at("a.img")));
}

static inline void test_never_replaces(void **state)
{
	struct err err;

	(void)state;
	struct file_id id = make();
	write_text(at("a.img"), "precious");
	assert_fails(provision_place(at("a.img"), NULL, TOKEN, &id, &err), EEXIST,
		     "exists already");
	assert_file_holds(at("a.img"), "precious");
	unlink(at("a.img"));
	assert_int_equal(symlink("nowhere", at("a.img")), 0);
	assert_fails(provision_place(at("a.img"), NULL, TOKEN, &id, &err), EEXIST,
		     "exists already");
	assert_false(exists(at("nowhere")));
}

#endif
