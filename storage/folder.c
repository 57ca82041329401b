/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders by descriptor: the walk from a root, and what is done with names in a folder. */
#include "storage/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strbuf.h"
#include "storage/location.h"

/* --- opening --- */

/* @code: why @part of the folder's name can't be opened beneath @at. */
static int say_why(int at, const char *part, int code, struct err *err)
{
	struct stat st;

	if (fstatat(at, part, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return err_set(
			err, ELOOP,
			"'%s' is a symbolic link, which berth does not follow here; find out "
			"who made it",
			part);
	return err_set(err, code, "'%s': %s", part, strerror(code));
}

/* Opens @below, a name of one or more parts without links, beneath @start. */
static int walk(int start, const char *below, struct err *err)
{
	cleanup_free char *parts = xstrdup(below);
	cleanup_close int at = openat(start, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *rest = parts, *part;

	while (at >= 0 && (part = strsep(&rest, "/"))) {
		if (!*part)
			continue;
		int next = openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return say_why(at, part, errno, err);
		close(at);
		at = next;
	}
	int fd = at < 0 ? -1 : openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_set(err, errno, "open: %s", strerror(errno)) : fd;
}

static int walk_from(const char *root, const char *below, const char *folder, struct err *err)
{
	cleanup_close int start = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (start < 0)
		return err_set(err, errno, "folder '%s': %s", root, strerror(errno));
	int fd = walk(start, below, err);
	return fd < 0 ? err_wrap(err, "folder '%s'", folder) : fd;
}

/* The folder's real name was looked up a moment ago; a link in it now is somebody's answer to that.
 */
static int open_below_roots(const char *folder, const struct folders *roots, struct err *err)
{
	cleanup_free char *real = realpath(folder, NULL);

	if (!real)
		return err_set(err, errno, "folder '%s': %s", folder, strerror(errno));
	for (size_t i = 0; i < roots->count; i++) {
		cleanup_free char *root = realpath(roots->items[i], NULL);
		if (root && path_under(real, root))
			return walk_from(root, real + (str_equal(root, "/") ? 0 : strlen(root)),
					 folder, err);
	}
	return err_set(err, EPERM,
		       "folder '%s' has just left the image roots; find out who moved it", folder);
}

static int check_clean(const char *path, struct err *err)
{
	if (path_is_clean(path))
		return 0;
	return err_set(err, EINVAL, "'%s' is not a plain absolute path", path);
}

int folder_open(const char *path, const struct folders *roots, struct err *err)
{
	int rc = check_clean(path, err);
	if (rc < 0)
		return rc;
	cleanup_free char *folder = path_folder(path);
	if (!roots)
		return walk_from("/", folder, folder, err);
	rc = roots_check_folder(path, roots->items, roots->count, err);
	return rc < 0 ? rc : open_below_roots(folder, roots, err);
}

int folder_open_to_clear(const char *path, const struct folders *roots, struct err *err)
{
	int fd = folder_open(path, roots, err);

	return fd == -EPERM && roots ? folder_open(path, NULL, err) : fd;
}

int folder_open_anywhere(const char *path, struct err *err)
{
	cleanup_free char *folder = path_folder(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(err, errno, "folder '%s': %s", folder, strerror(errno));
}

/* --- names in it --- */

int folder_holds(int folder, const char *name, const struct file_id *id, struct err *err)
{
	struct file_id there;

	int rc = file_id_in(folder, name, &there, err);
	return rc < 0 ? rc : file_id_is_same(&there, id);
}

/* A folder that can't be written says so even of a name that isn't there. */
int folder_remove(int folder, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	if (unlinkat(folder, name, 0) == 0)
		return 1;
	return errno == ENOENT ? 0 : err_set(err, errno, "remove '%s': %s", name, strerror(errno));
}

/* Where the file system has no links, the name is moved, and what it was is looked at afterwards.
 */
static int move_name(int folder, const char *from, const char *to, const struct file_id *id,
		     struct err *err)
{
	if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) < 0)
		return -errno;
	if (folder_holds(folder, to, id, err) > 0)
		return 0;
	renameat2(folder, to, folder, from, RENAME_NOREPLACE);
	return -ESTALE;
}

/* A link is made of the file that is open here, whatever the name leads to by then; and making one
 * never replaces anything. */
static int link_file(int file, int folder, const char *to)
{
	cleanup_free char *name = fd_path(file);

	return linkat(AT_FDCWD, name, folder, to, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

static int give_name(int file, int folder, const char *from, const char *to,
		     const struct file_id *id, struct err *err)
{
	int rc = link_file(file, folder, to);
	if (rc == 0)
		return folder_remove(folder, from, err);
	if (rc != -EEXIST)
		rc = move_name(folder, from, to, id, err);
	if (rc == -EEXIST)
		return err_set(err, EEXIST, "'%s' exists already; move it away", to);
	if (rc == -ESTALE)
		return err_set(err, ESTALE,
			       "'%s' was replaced by another file meanwhile; find out who did it",
			       from);
	return rc < 0 ? err_set(err, -rc, "rename '%s' to '%s': %s", from, to, strerror(-rc)) : 0;
}

/* Both names at once: killed between link and unlink. */
static int finish_rename(int folder, const char *from, const struct file_id *id, struct err *err)
{
	struct err unused;

	if (folder_holds(folder, from, id, &unused) <= 0)
		return 0;
	int rc = folder_remove(folder, from, err);
	return rc < 0 ? rc : 0;
}

int folder_rename(int folder, const char *from, const char *to, const struct file_id *id,
		  struct err *err)
{
	struct file_id here;
	struct err unused;

	if (folder_holds(folder, to, id, &unused) > 0)
		return finish_rename(folder, from, id, err);
	cleanup_close int file = openat(folder, from, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0)
		return err_set(err, errno, "'%s': %s", from, strerror(errno));
	int rc = file_id_of_fd(file, &here, err);
	if (rc < 0)
		return rc;
	if (!file_id_is_same(&here, id))
		return err_set(err, ESTALE,
			       "'%s' is not the file that it was; find out who replaced it", from);
	rc = give_name(file, folder, from, to, id, err);
	return rc < 0 ? rc : 0;
}

int folder_sync(int folder, const char *path, struct err *err)
{
	if (fsync(folder) < 0)
		return err_set(err, errno, "sync the folder of '%s': %s", path, strerror(errno));
	return 0;
}
