/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing out what the kernel still holds for a device. */
#include <errno.h>
#include <unistd.h>

#include "storage/safe_open.h"
#include "storage/volume_driver.h"

static int flush(const void *path)
{
	struct err err;
	int fd = open_safely(path, OPEN_FILE | OPEN_BLOCK_DEVICE, &err);

	if (fd < 0)
		return err.code;
	return fsync(fd) < 0 ? errno : 0;
}

int volume_flush(const char *path, const struct volume_host *host, struct err *err)
{
	int rc = volume_in_child(flush, path, host, err);

	return rc < 0 ? err_wrap(err, "'%s': flush", path) : 0;
}
