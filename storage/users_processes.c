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

static bool has_open(int proc, const char *pid, const struct device_set *set)
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
		open = leads_to_one(folder, entry->d_name, set);
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

/* udev looks at each device that appears or was closed, and lets go by itself; it is deleted from
 * under it. In some versions its daemon is udevadm by another name. */
static bool is_udev(const char *pid)
{
	cleanup_free char *path = xasprintf("/proc/%s/exe", pid);
	char program[PATH_MAX];

	ssize_t length = readlink(path, program, sizeof(program) - 1);
	if (length < 0)
		return false;
	program[length] = '\0';
	return str_equal(path_name(program), "systemd-udevd") ||
	       str_equal(path_name(program), "udevadm");
}

bool users_anybody_has_open(const struct device_set *set)
{
	cleanup_dir DIR *dir = opendir("/proc");
	bool open = dir == NULL;

	for (struct dirent *entry; !open && (entry = readdir(dir));) {
		unsigned long long pid;
		open = str_to_u64(entry->d_name, &pid) && has_open(dirfd(dir), entry->d_name, set);
	}
	return open;
}

int users_processes(const struct device_set *set, struct strbuf *users, struct err *err)
{
	cleanup_dir DIR *dir = opendir("/proc");
	int named = 0;

	if (!dir)
		return err_set(err, errno, "'/proc': %s", strerror(errno));
	for (struct dirent *entry; named < MAX_NAMED && (entry = readdir(dir));) {
		unsigned long long pid;
		if (!str_to_u64(entry->d_name, &pid) || !has_open(dirfd(dir), entry->d_name, set))
			continue;
		/* It watches all paths, and lets go of those that are deleted. */
		cleanup_free char *name = name_of(entry->d_name);
		if (str_equal(name, "multipathd") || is_udev(entry->d_name))
			continue;
		users_add(users, "process %s (%s)", entry->d_name, name);
		named++;
	}
	return 0;
}
