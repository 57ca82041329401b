/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watch lock: a flock on a file of its own, because the journal is only locked for moments. */
#include "hooks/records/watch_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lock_file.h"
#include "base/strbuf.h"

static char *lock_path(const struct site *site, const char *kind, const char *uuid)
{
	return xasprintf("%s/%s/%s", site->state, kind, uuid);
}

static int lock(const struct site *site, const char *kind, const char *uuid, struct err *err)
{
	cleanup_free char *path = lock_path(site, kind, uuid);
	cleanup_free char *folder = path_folder(path);

	int rc = file_make_folders(folder, 0700, err);
	if (rc < 0)
		return rc;
	int fd = lock_file(path, O_RDWR | O_CREAT, LOCK_FILE_TRY);
	if (fd == -ETIMEDOUT)
		return err_set(err, EAGAIN, "is watched already");
	if (fd < 0)
		return err_set(err, -fd, "lock '%s': %s", path, strerror(-fd));
	return fd;
}

static void lock_remove(const struct site *site, const char *kind, const char *uuid)
{
	cleanup_free char *path = lock_path(site, kind, uuid);

	unlink(path);
}

int watch_lock(const struct site *site, const char *uuid, struct err *err)
{
	return lock(site, "watch", uuid, err);
}

void watch_lock_remove(const struct site *site, const char *uuid)
{
	lock_remove(site, "watch", uuid);
}

int leaving_lock(const struct site *site, const char *uuid, struct err *err)
{
	return lock(site, "leaving", uuid, err);
}

void leaving_lock_remove(const struct site *site, const char *uuid)
{
	lock_remove(site, "leaving", uuid);
}
