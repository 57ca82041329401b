/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that have a block device open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "storage/volume_users.h"

/* As many as a line can name. */
#define MAX_NAMED 8

/* Asks no server: a descriptor may lead to a file whose server is dead. */
static bool leads_to_one(int folder, const char *name, const struct device_set *set)
{
	struct statx st;

	return statx(folder, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st) == 0 &&
	       S_ISBLK(st.stx_mode) &&
	       device_set_has(set, makedev(st.stx_rdev_major, st.stx_rdev_minor));
}

/* "flags:	0100002": as for open(2), in octal. */
static bool may_write(int proc, const char *pid, const char *fd)
{
	cleanup_free char *path = xasprintf("%s/fdinfo/%s", pid, fd);
	char text[128] = "";
	unsigned flags = O_RDWR;

	cleanup_close int info = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (info < 0 || read(info, text, sizeof(text) - 1) < 0)
		return errno != ENOENT;
	const char *line = strstr(text, "flags:");
	return !line || sscanf(line, "flags: %o", &flags) != 1 || (flags & O_ACCMODE) != O_RDONLY;
}

static bool has_open(int proc, const char *pid, const struct device_set *set, bool to_write)
{
	cleanup_free char *path = xasprintf("%s/fd", pid);
	int folder = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool open = false;

	if (folder < 0) /* it has ended */
		return false;
	cleanup_dir DIR *dir = fdopendir(folder);
	if (!dir) {
		close(folder);
		return false;
	}
	for (struct dirent *entry; !open && (entry = readdir(dir));)
		open = leads_to_one(folder, entry->d_name, set) &&
		       (!to_write || may_write(proc, pid, entry->d_name));
	return open;
}

/* The name that a process has (proc(5): comm). */
static char *name_of(const char *pid)
{
	cleanup_free char *path = xasprintf("/proc/%s/comm", pid);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	if (file_read(path, 256, &text, &err) < 0 || !text.length)
		return xstrdup("?");
	text.text[strcspn(text.text, "\n")] = '\0';
	return strbuf_steal(&text);
}

/*
 * Whether a process is one of root's programs by these names. Anybody gives a process any name
 * (prctl(2), PR_SET_NAME), so the executable is asked, which nobody but root may have written.
 */
static bool runs(const char *pid, const char *const *programs)
{
	cleanup_free char *path = xasprintf("/proc/%s/exe", pid);
	char program[PATH_MAX];
	struct stat st;

	ssize_t length = readlink(path, program, sizeof(program) - 1);
	if (length < 0 || stat(path, &st) < 0 || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return false;
	program[length] = '\0';
	/* An upgrade has replaced it. */
	char *gone = strstr(program, " (deleted)");
	if (gone)
		*gone = '\0';
	for (; *programs; programs++) {
		if (str_equal(path_name(program), *programs))
			return true;
	}
	return false;
}

/* They let go of a device by themselves; it is deleted from under them. udev looks at each device
 * that appears or was closed (in some versions its daemon is udevadm by another name), multipathd
 * watches all paths. */
static bool lets_go(const char *pid)
{
	return runs(pid, (const char *const[]){"systemd-udevd", "udevadm", "multipathd", NULL});
}

bool users_anybody_has_open(const struct device_set *set)
{
	cleanup_dir DIR *dir = opendir("/proc");
	bool open = dir == NULL;

	for (struct dirent *entry; !open && (entry = readdir(dir));) {
		unsigned long long pid;
		open = str_to_u64(entry->d_name, &pid) &&
		       has_open(dirfd(dir), entry->d_name, set, false);
	}
	return open;
}

int users_processes(const struct device_set *set, pid_t except, struct strbuf *users,
		    struct err *err)
{
	cleanup_dir DIR *dir = opendir("/proc");
	int named = 0;

	if (!dir)
		return err_set(err, errno, "'/proc': %s", strerror(errno));
	for (struct dirent *entry; named < MAX_NAMED && (entry = readdir(dir));) {
		unsigned long long pid;
		if (!str_to_u64(entry->d_name, &pid) || pid == (unsigned long long)except ||
		    !has_open(dirfd(dir), entry->d_name, set, except != 0))
			continue;
		if (lets_go(entry->d_name))
			continue;
		cleanup_free char *name = name_of(entry->d_name);
		users_add(users, "process %s (%s)", entry->d_name, name);
		named++;
	}
	return 0;
}
