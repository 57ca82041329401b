/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file this is: device, inode and birth, from statx. */
#include "storage/file_id.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int look(int fd, const char *path, int flags, struct file_id *ret)
{
	struct statx st;

	if (statx(fd, path, flags, STATX_INO | STATX_BTIME, &st) < 0)
		return -errno;
	*ret = (struct file_id){
		.device = makedev(st.stx_dev_major, st.stx_dev_minor),
		.inode = st.stx_ino,
	};
	if (st.stx_mask & STATX_BTIME)
		ret->birth_ns = (uint64_t)st.stx_btime.tv_sec * 1000000000U + st.stx_btime.tv_nsec;
	return 0;
}

static int named(int folder, const char *path, int flags, struct file_id *ret, struct err *err)
{
	int rc = look(folder, path, flags, ret);

	return rc < 0 ? err_set(err, -rc, "'%s': %s", path, strerror(-rc)) : 0;
}

int file_id_of(const char *path, struct file_id *ret, struct err *err)
{
	return named(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, ret, err);
}

int file_id_of_target(const char *path, struct file_id *ret, struct err *err)
{
	return named(AT_FDCWD, path, 0, ret, err);
}

int file_id_in(int folder, const char *name, struct file_id *ret, struct err *err)
{
	return named(folder, name, AT_SYMLINK_NOFOLLOW, ret, err);
}

int file_id_of_fd(int fd, struct file_id *ret, struct err *err)
{
	return named(fd, "", AT_EMPTY_PATH, ret, err);
}

bool file_id_equal(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       (a->birth_ns == b->birth_ns || !a->birth_ns || !b->birth_ns);
}

bool file_id_is_same(const struct file_id *a, const struct file_id *b)
{
	if (!a->birth_ns || !b->birth_ns)
		return file_id_equal(a, b);
	return a->inode == b->inode && a->birth_ns == b->birth_ns;
}

uint64_t file_mtime_ns(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

static void take_times(const struct stat *st, struct file_version *version)
{
	version->size_bytes = (uint64_t)st->st_size;
	version->mtime_ns = file_mtime_ns(st);
}

int file_version_of(int fd, const struct stat *st, struct file_version *ret, struct err *err)
{
	int rc = look(fd, "", AT_EMPTY_PATH, &ret->id);

	if (rc < 0)
		return err_set(err, -rc, "look at the file: %s", strerror(-rc));
	take_times(st, ret);
	return 0;
}

int file_version_at(const char *path, const struct stat *st, struct file_version *ret,
		    struct err *err)
{
	int rc = look(AT_FDCWD, path, 0, &ret->id);

	if (rc < 0)
		return err_set(err, -rc, "'%s': %s", path, strerror(-rc));
	take_times(st, ret);
	return 0;
}
