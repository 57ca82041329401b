/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening in two steps: a descriptor that only names the thing, then that thing for reading. */
#include "storage/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

static int open_named(int named, unsigned kinds, struct err *err)
{
	cleanup_free char *name = fd_path(named);
	struct stat st;

	if (fstat(named, &st) < 0)
		return err_set(err, errno, "%s", strerror(errno));
	if (!(S_ISREG(st.st_mode) && kinds & OPEN_FILE) &&
	    !(S_ISBLK(st.st_mode) && kinds & OPEN_BLOCK_DEVICE))
		return err_set(err, EINVAL, "is %s",
			       kinds == OPEN_FILE           ? "not a file"
			       : kinds == OPEN_BLOCK_DEVICE ? "not a block device"
							    : "neither a file nor a block device");
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(err, errno, "open: %s", strerror(errno));
}

int open_safely(const char *path, unsigned kinds, struct err *err)
{
	cleanup_close int named = open(path, O_PATH | O_CLOEXEC);

	if (named < 0)
		return err_set(err, errno, "%s", strerror(errno));
	return open_named(named, kinds, err);
}

static bool lies_below(const char *real, const char *folder)
{
	char root[PATH_MAX];

	return realpath(folder, root) && path_under(real, root);
}

/* Whether the open thing's real name is below one of the folders. */
static bool is_in(int named, const struct folders *folders)
{
	cleanup_free char *name = fd_path(named);
	char real[PATH_MAX];

	ssize_t length = readlink(name, real, sizeof(real));
	if (length <= 0 || (size_t)length >= sizeof(real))
		return false;
	real[length] = '\0';
	for (size_t i = 0; i < folders->count; i++) {
		if (lies_below(real, folders->items[i]))
			return true;
	}
	return false;
}

static bool is_named_in(const char *path, const struct folders *folders)
{
	return path_is_clean(path) && path_under_any(path, folders->items, folders->count);
}

int open_safely_in(const char *path, unsigned kinds, const struct folders *folders, struct err *err)
{
	cleanup_close int named = open(path, O_PATH | O_CLOEXEC);

	if (named < 0 && is_named_in(path, folders))
		return err_set(err, errno, "%s", strerror(errno));
	if (named < 0 || !is_in(named, folders))
		return err_set(err, EPERM,
			       "lies in none of the folders that images may be read from; add its "
			       "folder to 'base' in [images] of berth.conf, or copy it to one of "
			       "them");
	return open_named(named, kinds, err);
}
