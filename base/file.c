/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: bounded reading, durable writing; folders and paths as text. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int file_read_fd(int fd, size_t max_bytes, struct strbuf *out, struct err *err)
{
	size_t total = 0;
	char part[16384];

	for (;;) {
		ssize_t got = read(fd, part, sizeof(part));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, errno, "read: %s", strerror(errno));
		if (got == 0)
			return 0;
		total += (size_t)got;
		if (total > max_bytes)
			return err_set(err, EFBIG, "larger than %zu bytes", max_bytes);
		strbuf_add(out, part, (size_t)got);
	}
}

int file_read(const char *path, size_t max_bytes, struct strbuf *out, struct err *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "open '%s': %s", path, strerror(errno));
	if (file_read_fd(fd, max_bytes, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return 0;
}

int file_sync_folder_of(const char *path, struct err *err)
{
	cleanup_free char *folder = path_folder(path);
	cleanup_close int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_set(err, errno, "sync folder '%s': %s", folder, strerror(errno));
	return 0;
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t put = write(fd, bytes, length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		length -= (size_t)put;
	}
	return 0;
}

static int write_synced(int fd, const void *bytes, size_t length, mode_t mode)
{
	int rc = write_all(fd, bytes, length);

	if (rc < 0)
		return rc;
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

char *fd_path(int fd)
{
	return xasprintf("/proc/self/fd/%d", fd);
}

/* What has no name yet vanishes with a process that is killed. Return: a descriptor, or -1 where
 * the file system knows no such files. */
static int open_nameless(const char *folder)
{
	return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

/* A name for a moment, beside @path. It has no comma, for then iscsiadm would take it for a node
 * record (open-iscsi, usr/idbm.c), and fail when it has gone. */
static char *temporary_name(const char *path, const char *folder, const char *end)
{
	cleanup_free char *name = xstrdup(path_name(path));

	for (char *comma = name; (comma = strchr(comma, ','));)
		*comma = '_';
	return xasprintf("%s/.%s.%s", folder, name, end);
}

/* A new name at once; in place of an old one by way of another name, which is there for the time of
 * two system calls. Return: 0 or a negative errno. */
static int name_it(int fd, const char *path, const char *folder)
{
	cleanup_free char *file = fd_path(fd);
	cleanup_free char *process = xasprintf("%d", (int)getpid());
	cleanup_free char *temporary = temporary_name(path, folder, process);

	if (linkat(AT_FDCWD, file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	unlink(temporary);
	if (linkat(AT_FDCWD, file, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	int rc = rename(temporary, path) < 0 ? -errno : 0;
	if (rc < 0)
		unlink(temporary);
	return rc;
}

static int replace_nameless(int fd, const char *path, const char *folder, const void *bytes,
			    size_t length, mode_t mode)
{
	int rc = write_synced(fd, bytes, length, mode);

	return rc < 0 ? rc : name_it(fd, path, folder);
}

static int replace_named(const char *path, const char *folder, const void *bytes, size_t length,
			 mode_t mode)
{
	cleanup_free char *temporary = temporary_name(path, folder, "XXXXXX");
	cleanup_close int fd = mkostemp(temporary, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int rc = write_synced(fd, bytes, length, mode);
	if (rc == 0 && rename(temporary, path) < 0)
		rc = -errno;
	if (rc < 0)
		unlink(temporary);
	return rc;
}

int file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct err *err)
{
	cleanup_free char *folder = path_folder(path);
	cleanup_close int nameless = open_nameless(folder);

	int rc = nameless >= 0 ? replace_nameless(nameless, path, folder, bytes, length, mode)
			       : replace_named(path, folder, bytes, length, mode);
	if (rc < 0)
		return err_set(err, -rc, "write '%s': %s", path, strerror(-rc));
	return file_sync_folder_of(path, err);
}

static int make_folder(const char *path, mode_t mode, struct err *err)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	int code = errno;
	if (code == EEXIST && stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		code = ENOTDIR;
	}
	return err_set(err, code, "make folder '%s': %s", path, strerror(code));
}

int file_make_folders(const char *path, mode_t mode, struct err *err)
{
	cleanup_free char *partial = xstrdup(path);

	for (char *slash = strchr(partial + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		int rc = make_folder(partial, mode, err);
		if (rc < 0 || !slash)
			return rc;
		*slash = '/';
	}
}

bool file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool path_under(const char *path, const char *root)
{
	size_t length = strlen(root);

	while (length > 0 && root[length - 1] == '/')
		length--;
	return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool path_under_any(const char *path, const char *const *roots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (path_under(path, roots[i]))
			return true;
	}
	return false;
}

static bool component_is_clean(const char *start, size_t length)
{
	if (length == 0 || (length == 1 && start[0] == '.'))
		return false;
	if (length == 2 && start[0] == '.' && start[1] == '.')
		return false;
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)start[i] < ' ' || start[i] == 0x7f)
			return false;
	}
	return true;
}

bool path_is_clean(const char *path)
{
	if (path[0] != '/')
		return false;
	for (const char *start = path + 1;;) {
		size_t length = strcspn(start, "/");
		if (!component_is_clean(start, length))
			return false;
		if (start[length] == '\0')
			return true;
		start += length + 1;
	}
}

char *path_plain(const char *path)
{
	char *plain = xstrdup(path), *to = plain;

	if (!path || path[0] != '/')
		return plain;
	for (const char *from = path; *from;) {
		const char *name = from + strspn(from, "/");
		size_t length = strcspn(name, "/");
		bool is_dot = length == 1 && name[0] == '.';
		from = name + length;
		if (is_dot && *from)
			continue;
		*to++ = '/';
		if (is_dot)
			break;
		memcpy(to, name, length);
		to += length;
	}
	*to = '\0';
	return plain;
}

/* "//" and "/./" count as "/". */
static bool begins_with_path(const char *text, const char *path)
{
	for (; *path; path++) {
		if (*text++ != *path)
			return false;
		while (*path == '/' &&
		       (*text == '/' || (text[-1] == '/' && text[0] == '.' && text[1] == '/')))
			text++;
	}
	return true;
}

bool path_in_text(const char *text, const char *path)
{
	for (; *text; text++) {
		if (begins_with_path(text, path))
			return true;
	}
	return false;
}

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
