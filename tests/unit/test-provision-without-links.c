/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a file system has no links (vfat, some of FUSE), images are placed as safely by a rename.
 */
#include "tests/unit/placing-fixture.h"

/* From now on linkat() gives EPERM, as on vfat. */
static int forbid_links(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return filter_calls(code, ARRAY_SIZE(code));
}

static void test_filter_works(void **state)
{
	(void)state;
	write_text(at("a"), "a");
	assert_int_equal(linkat(AT_FDCWD, at("a"), AT_FDCWD, at("b"), 0), -1);
	assert_int_equal(errno, EPERM);
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
