/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file this is, under whatever name. */
#ifndef BERTH_STORAGE_FILE_ID_H
#define BERTH_STORAGE_FILE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/stat.h>

#include "base/err.h"

/**
 * struct file_id - this very file, under whatever name
 * @birth_ns: when it was made, in nanoseconds since 1970; 0 where the file system doesn't tell.
 *            A 0 on either side is not compared
 *
 * ext4 gives a freed inode number to the next new file, so device and inode alone do not tell our
 * file from one that somebody put in its place.
 *
 * After a reboot some devices (btrfs, LVM, NVMe) have other numbers: what was noted before is
 * compared with file_id_is_same().
 */
struct file_id {
	uint64_t device;
	uint64_t inode;
	uint64_t birth_ns;
};

/* file_id_of() - the file at @path itself, no link followed. Return: 0 or a negative errno. */
int file_id_of(const char *path, struct file_id *ret, struct err *err);
/* file_id_of_target() - the same of the file that all links lead to. */
int file_id_of_target(const char *path, struct file_id *ret, struct err *err);
/* file_id_in() - the same of a name in an open folder; file_id_of_fd(): of an open file. */
int file_id_in(int folder, const char *name, struct file_id *ret, struct err *err);
int file_id_of_fd(int fd, struct file_id *ret, struct err *err);
/* file_id_equal() - whether both are the same file. */
bool file_id_equal(const struct file_id *a, const struct file_id *b);

/* file_id_is_same() - the same where one of them may have been noted before a reboot. The device's
 * number counts only where a file system doesn't tell when a file was made: then the file counts as
 * another one, and is left alone. */
bool file_id_is_same(const struct file_id *a, const struct file_id *b);

/**
 * struct file_version - this very file as it was when somebody looked
 *
 * ctime is not part of it: a change of the owner or the label, such as libvirt makes for a guest
 * that starts, changes ctime and not the content.
 */
struct file_version {
	struct file_id id;
	uint64_t size_bytes;
	uint64_t mtime_ns;
};

/* file_mtime_ns() - when the content was last written, in nanoseconds since 1970. */
uint64_t file_mtime_ns(const struct stat *st);

/* file_version_of() - of the open file @fd, of which @st was told. Return: 0 or a negative errno.
 */
int file_version_of(int fd, const struct stat *st, struct file_version *ret, struct err *err);
/* file_version_at() - of the file that @path leads to, links followed. */
int file_version_at(const char *path, const struct stat *st, struct file_version *ret,
		    struct err *err);

#endif
