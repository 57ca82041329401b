/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What image files may yet grow to. */
#include "storage/growth.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "storage/file_id.h"
#include "storage/qcow2_header.h"

#define WRITE_BITS (S_IWUSR | S_IWGRP | S_IWOTH)

struct walk {
	uint64_t device;
	bool (*skip)(const char *folder, const void *argument);
	const void *argument;
	struct growth *growth;
};

static bool is_passed_over(int code)
{
	return code == ENOENT || code == EACCES || code == EPERM || code == ELOOP ||
	       code == ENOTDIR || code == EXDEV;
}

/* --- one file --- */

static bool is_qcow2(int fd)
{
	static const char magic[] = {'Q', 'F', 'I', '\xfb'};
	char head[sizeof(magic)];

	return pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       memcmp(head, magic, sizeof(magic)) == 0;
}

static void look_into(const char *folder, int folder_fd, const char *name,
		      struct growing_file *file, uint64_t *whole)
{
	cleanup_close int fd =
		openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	cleanup_qcow2_header struct qcow2_header header = {0};
	struct err unused;

	if (fd < 0 || !is_qcow2(fd) || qcow2_header_read(fd, &header, &unused) < 0)
		return;
	file->path = xasprintf("%s/%s", folder, name);
	if (header.virtual_bytes > *whole)
		*whole = header.virtual_bytes;
	if (!header.backing_name || strchr(header.backing_name, ':'))
		return;
	file->backing = header.backing_name[0] == '/'
				? xstrdup(header.backing_name)
				: xasprintf("%s/%s", folder, header.backing_name);
}

static uint64_t rest_of(uint64_t whole, const struct stat *st)
{
	uint64_t allocated = (uint64_t)st->st_blocks * 512;

	return whole > allocated && (st->st_mode & WRITE_BITS) ? whole - allocated : 0;
}

static void add_file(const char *folder, int folder_fd, const char *name, const struct stat *st,
		     struct growth *growth)
{
	uint64_t whole = (uint64_t)st->st_size;
	struct growing_file file = {
		.device = st->st_dev,
		.inode = st->st_ino,
		.mtime_ns = file_mtime_ns(st),
		.size_bytes = (uint64_t)st->st_size,
	};

	look_into(folder, folder_fd, name, &file, &whole);
	file.bytes = rest_of(whole, st);
	file.raw_bytes = rest_of((uint64_t)st->st_size, st);
	growth->files = xreallocarray(growth->files, growth->count + 1, sizeof(*growth->files));
	growth->files[growth->count++] = file;
}

/* --- folders --- */

static int walk_folder(const struct walk *walk, int fd, const char *path, int depth,
		       struct err *err);

static int say_too_much(struct err *err)
{
	return err_set(err, E2BIG,
		       "more than %d files, or folders more than %d deep, are below the image "
		       "roots: what they may grow to can't be counted; name only folders of images "
		       "as roots, or set disk_over_commit in [limits] of berth.conf",
		       GROWTH_MAX_ENTRIES, GROWTH_MAX_DEPTH);
}

/* @fd: taken. A part of the same mount may have a device number of its own (btrfs). */
static int walk_if_same(const struct walk *walk, int fd, const char *path, int depth,
			struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_dev == walk->device)
		return walk_folder(walk, fd, path, depth, err);
	close(fd);
	return 0;
}

/* Where another file system is mounted it is not even asked: it may be one that doesn't answer. */
static int open_on_same(int fd, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV,
	};

	int inner = (int)syscall(SYS_openat2, fd, name, &how, sizeof(how));
	if (inner < 0 && errno == ENOSYS)
		inner = openat(fd, name, (int)how.flags);
	return inner;
}

static int walk_below(const struct walk *walk, int fd, const char *path, const char *name,
		      int depth, struct err *err)
{
	cleanup_free char *below = xasprintf("%s/%s", path, name);

	if (walk->skip(below, walk->argument))
		return 0;
	if (depth == GROWTH_MAX_DEPTH)
		return say_too_much(err);
	int inner = open_on_same(fd, name);
	if (inner < 0)
		return is_passed_over(errno)
			       ? 0
			       : err_set(err, errno, "open '%s': %s", below, strerror(errno));
	return walk_if_same(walk, inner, below, depth + 1, err);
}

static int walk_entry(const struct walk *walk, int fd, const char *path, const struct dirent *entry,
		      int depth, struct err *err)
{
	const char *name = entry->d_name;
	struct stat st;

	if (str_equal(name, ".") || str_equal(name, "..") || str_starts(name, ".berth-"))
		return 0;
	if (++walk->growth->entries > GROWTH_MAX_ENTRIES)
		return say_too_much(err);
	if (entry->d_type == DT_DIR)
		return walk_below(walk, fd, path, name, depth, err);
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return is_passed_over(errno)
			       ? 0
			       : err_set(err, errno, "'%s/%s': %s", path, name, strerror(errno));
	if (st.st_dev != walk->device)
		return 0;
	if (S_ISDIR(st.st_mode))
		return walk_below(walk, fd, path, name, depth, err);
	if (S_ISREG(st.st_mode))
		add_file(path, fd, name, &st, walk->growth);
	return 0;
}

/* @fd: taken. */
static int walk_folder(const struct walk *walk, int fd, const char *path, int depth,
		       struct err *err)
{
	cleanup_dir DIR *dir = fdopendir(fd);
	int rc = 0;

	if (!dir) {
		close(fd);
		return err_set(err, errno, "read '%s': %s", path, strerror(errno));
	}
	for (struct dirent *entry; rc == 0 && (entry = readdir(dir));)
		rc = walk_entry(walk, fd, path, entry, depth, err);
	return rc;
}

int growth_scan(const char *folder, uint64_t device,
		bool (*skip)(const char *folder, const void *argument), const void *argument,
		struct growth *growth, struct err *err)
{
	const struct walk walk = {device, skip, argument, growth};

	if (skip(folder, argument))
		return 0;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return is_passed_over(errno)
			       ? 0
			       : err_set(err, errno, "open '%s': %s", folder, strerror(errno));
	return walk_if_same(&walk, fd, folder, 0, err);
}

/* --- what was found --- */

static void file_clear(struct growing_file *file)
{
	free(file->backing);
	free(file->path);
	*file = (struct growing_file){0};
}

void growth_take_for_raw(struct growing_file *file)
{
	file->bytes = file->raw_bytes;
	free(file->backing);
	file->backing = NULL;
}

static int compare(const void *a, const void *b)
{
	const struct growing_file *one = a, *two = b;

	if (one->device != two->device)
		return one->device < two->device ? -1 : 1;
	return one->inode == two->inode ? 0 : one->inode < two->inode ? -1 : 1;
}

void growth_sort(struct growth *growth)
{
	size_t kept = 0;

	if (growth->count > 0)
		qsort(growth->files, growth->count, sizeof(*growth->files), compare);
	for (size_t i = 0; i < growth->count; i++) {
		if (kept > 0 && compare(&growth->files[kept - 1], &growth->files[i]) == 0)
			file_clear(&growth->files[i]);
		else
			growth->files[kept++] = growth->files[i];
	}
	growth->count = kept;
}

struct growing_file *growth_find(const struct growth *growth, uint64_t device, uint64_t inode)
{
	const struct growing_file wanted = {.device = device, .inode = inode};

	if (growth->count == 0)
		return NULL;
	return bsearch(&wanted, growth->files, growth->count, sizeof(wanted), compare);
}

void growth_clear(struct growth *growth)
{
	for (size_t i = 0; i < growth->count; i++)
		file_clear(&growth->files[i]);
	free(growth->files);
	*growth = (struct growth){0};
}
