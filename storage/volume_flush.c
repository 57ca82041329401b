/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing out what the kernel still holds for a device. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "storage/volume_driver.h"

static int flush(const void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? errno : 0;
}

int volume_flush(const char *path, const struct volume_host *host, struct err *err)
{
	int rc = volume_in_child(flush, path, host, err);

	return rc < 0 ? err_wrap(err, "'%s': flush", path) : 0;
}
