/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking for the locks by which QEMU programs tell one another what they do with an image. */
#include "storage/in_use.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "storage/safe_open.h"

/*
 * QEMU block/file-posix.c: permission number N is held by a shared lock on byte RAW_LOCK_PERM_BASE
 * + N. The numbers are the bits of include/block/block-common.h: 0 consistent read, 1 write, 2
 * write unchanged (fills an image without changing what the guest sees), 3 resize.
 */
#define RAW_LOCK_PERM_BASE 100
#define PERM_CONSISTENT_READ 0
#define PERM_WRITE 1
#define PERM_RESIZE 3

/* Return: 1 when somebody holds one of these permissions, 0 when nobody, or a negative errno. */
static int somebody_holds(int fd, int first, int last)
{
	/* F_OFD_GETLK takes no lock and, unlike setting one, asks for no access mode (fs/locks.c).
	 */
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = RAW_LOCK_PERM_BASE + first,
		.l_len = last - first + 1,
	};

	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	return lock.l_type != F_UNLCK;
}

int image_use_fd(int fd, const char *path, enum image_use *ret, struct err *err)
{
	int written = somebody_holds(fd, PERM_WRITE, PERM_RESIZE);
	int read =
		written ? written : somebody_holds(fd, PERM_CONSISTENT_READ, PERM_CONSISTENT_READ);

	if (read < 0)
		return err_set(err, -read, "image '%s': ask for its locks: %s", path,
			       strerror(-read));
	*ret = written ? IMAGE_WRITTEN : read ? IMAGE_READ : IMAGE_UNUSED;
	return 0;
}

int image_use(const char *path, enum image_use *ret, struct err *err)
{
	cleanup_close int fd = open_safely(path, OPEN_FILE | OPEN_BLOCK_DEVICE, err);

	if (fd < 0)
		return err_wrap(err, "image '%s'", path);
	return image_use_fd(fd, path, ret, err);
}
