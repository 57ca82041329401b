/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a file system has no links (vfat, some of FUSE), images are placed as safely by a rename.
 */
#include "tests/unit/image-fixture.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "storage/provision.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

/* From now on linkat() gives EPERM, as on vfat. */
static int forbid_links(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_SIZE(code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static struct file_id make(void)
{
	struct new_image what = {at("a.img"), "raw",     MIB,       NULL,          NULL,
				 0600,        (uid_t)-1, (gid_t)-1, .token = TOKEN};
	struct file_id id;
	struct err err;

	assert_ok(provision_make(&what, NULL, &id, &err));
	return id;
}

static void test_filter_works(void **state)
{
	(void)state;
	write_text(at("a"), "a");
	assert_int_equal(linkat(AT_FDCWD, at("a"), AT_FDCWD, at("b"), 0), -1);
	assert_int_equal(errno, EPERM);
}

static void test_placed(void **state)
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

static void test_never_replaces(void **state)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_filter_works),
		qemu_test(test_placed),
		qemu_test(test_never_replaces),
	};

	if (forbid_links() < 0)
		return 1;
	return run_as_tap(tests);
}
