/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The write fence: the kernel's read-only mark on a block device. */
#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "storage/safe_open.h"
#include "storage/volume.h"

int volume_fence_open(const char *path, struct err *err)
{
	int fd = open_safely(path, OPEN_BLOCK_DEVICE, err);

	return fd < 0 ? err_wrap(err, "'%s'", path) : fd;
}

int volume_fence_fd(int fd, const char *path, bool set, struct err *err)
{
	int read_only = set;

	if (ioctl(fd, BLKROSET, &read_only) < 0)
		return err_set(err, errno, "'%s': %s its write fence: %s", path,
			       set ? "set" : "lift", strerror(errno));
	return 0;
}

int volume_fence(const char *path, bool set, struct err *err)
{
	cleanup_close int fd = volume_fence_open(path, err);

	return fd < 0 ? fd : volume_fence_fd(fd, path, set, err);
}

int volume_is_fenced(const char *path, struct err *err)
{
	cleanup_close int fd = volume_fence_open(path, err);
	int read_only;

	if (fd < 0)
		return fd;
	if (ioctl(fd, BLKROGET, &read_only) < 0)
		return err_set(err, errno, "'%s': ask for its write fence: %s", path,
			       strerror(errno));
	return read_only != 0;
}
