/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file this is: device, inode and birth, from statx. */
#include "storage/file_id.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int file_id_of(const char *path, struct file_id *ret, struct err *err)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &st) < 0)
		return err_set(err, errno, "'%s': %s", path, strerror(errno));
	*ret = (struct file_id){
		.device = makedev(st.stx_dev_major, st.stx_dev_minor),
		.inode = st.stx_ino,
	};
	if (st.stx_mask & STATX_BTIME)
		ret->birth_ns = (uint64_t)st.stx_btime.tv_sec * 1000000000U + st.stx_btime.tv_nsec;
	return 0;
}

bool file_id_equal(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       (a->birth_ns == b->birth_ns || !a->birth_ns || !b->birth_ns);
}
