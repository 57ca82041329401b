/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a file system cannot rename without replacing (NFS), images are placed as safely by a link.
 */
#include "tests/unit/placing-fixture.h"

/* From now on renameat2() with any flag gives EINVAL, as on NFS (fs/nfs/dir.c). */
static int forbid_rename_flags(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return filter_calls(code, ARRAY_SIZE(code));
}

static void test_filter_works(void **state)
{
	(void)state;
	write_text(at("a"), "a");
	assert_int_equal(renameat2(AT_FDCWD, at("a"), AT_FDCWD, at("b"), RENAME_NOREPLACE), -1);
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_filter_works),
		qemu_test(test_placed),
		qemu_test(test_never_replaces),
	};

	if (forbid_rename_flags() < 0)
		return 1;
	return run_as_tap(tests);
}
