/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The locks that one process holds on a file. */
#include "storage/written_by.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

/* QEMU's permissions to write, to write unchanged and to resize: see storage/in_use.c. */
#define FIRST_WRITE_BYTE 101
#define LAST_WRITE_BYTE 103

/* "lock:	1: OFDLCK  ADVISORY  READ -1 00:2f:1234 100 101"; the end may be "EOF". */
static bool is_write_lock(const char *line)
{
	unsigned long long first, last;
	char kind[16], end[32];

	if (sscanf(line, "lock: %*d: %15s %*s %*s %*s %*s %llu %31s", kind, &first, end) != 3 ||
	    !str_equal(kind, "OFDLCK"))
		return false;
	if (!str_to_u64(end, &last))
		last = LAST_WRITE_BYTE;
	return first <= LAST_WRITE_BYTE && last >= FIRST_WRITE_BYTE;
}

static bool holds_write_lock(pid_t pid, const char *fd)
{
	cleanup_free char *path = xasprintf("/proc/%d/fdinfo/%s", (int)pid, fd);
	cleanup_file FILE *file = fopen(path, "re");
	cleanup_free char *line = NULL;
	size_t capacity = 0;
	bool holds = false;

	while (file && !holds && getline(&line, &capacity, file) >= 0)
		holds = is_write_lock(line);
	return holds;
}

/* A QEMU in a mount namespace of libvirt's has device nodes of its own. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode))
		return a->st_rdev == b->st_rdev;
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int image_is_written_by(pid_t pid, const char *path, bool *ret, struct err *err)
{
	cleanup_free char *folder = xasprintf("/proc/%d/fd", (int)pid);
	cleanup_dir DIR *dir = opendir(folder);
	struct stat image, open;
	bool written = false;

	if (!dir)
		return err_set(err, errno, "'%s': %s", folder, strerror(errno));
	if (stat(path, &image) < 0)
		return err_set(err, errno, "image '%s': %s", path, strerror(errno));
	for (struct dirent *entry; !written && (entry = readdir(dir));) {
		cleanup_free char *name = xasprintf("%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.' && stat(name, &open) == 0 && is_same(&open, &image))
			written = holds_write_lock(pid, entry->d_name);
	}
	*ret = written;
	return 0;
}
