/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The write fence: the kernel's read-only mark on a block device. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "storage/volume.h"

static int open_device(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(err, errno, "'%s': open: %s", path, strerror(errno));
}

int volume_fence(const char *path, bool set, struct err *err)
{
	cleanup_close int fd = open_device(path, err);
	int read_only = set;

	if (fd < 0)
		return fd;
	if (ioctl(fd, BLKROSET, &read_only) < 0)
		return err_set(err, errno, "'%s': %s its write fence: %s", path,
			       set ? "set" : "lift", strerror(errno));
	return 0;
}

int volume_is_fenced(const char *path, struct err *err)
{
	cleanup_close int fd = open_device(path, err);
	int read_only;

	if (fd < 0)
		return fd;
	if (ioctl(fd, BLKROGET, &read_only) < 0)
		return err_set(err, errno, "'%s': ask for its write fence: %s", path,
			       strerror(errno));
	return read_only != 0;
}
