/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: bounded reading, durable writing, locking. */
#ifndef BERTH_BASE_FILE_H
#define BERTH_BASE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/strbuf.h"

/**
 * file_read_fd() - append all that can be read from a descriptor
 * @max_bytes: more than this is -EFBIG
 *
 * Return: 0 or a negative errno.
 */
int file_read_fd(int fd, size_t max_bytes, struct strbuf *out, struct err *err);
/* file_read() - as file_read_fd(), by path. */
int file_read(const char *path, size_t max_bytes, struct strbuf *out, struct err *err);

/**
 * file_replace() - write a file whole or not at all
 *
 * Writes a file without a name, syncs it, gives it that name and syncs the folder, so that after a
 * crash the old or the new content is there, never a part (open(2), O_TMPFILE). Of whoever is
 * killed meanwhile nothing is left beside it, but for a kill between the two system calls that put
 * it in place of an old one: .NAME.PID; and where the file system has no such files: .NAME.XXXXXX
 * (NAME with '_' for each comma).
 */
int file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct err *err);

/* file_sync_folder_of() - makes a created, renamed or removed name in @path's folder durable. */
int file_sync_folder_of(const char *path, struct err *err);

/* file_make_folders() - mkdir -p; folders that are made get @mode. */
int file_make_folders(const char *path, mode_t mode, struct err *err);

/* file_exists() - whether there is anything of that name, be it a link to nowhere. */
bool file_exists(const char *path);

/* path_under() - whether @path is @root or lies below it, at a '/' boundary; text only, no links
 * resolved. */
bool path_under(const char *path, const char *root);
/* fd_path() - "/proc/self/fd/N": leads to the very thing that is open, whatever its name is by now.
 * The caller frees it. */
char *fd_path(int fd);
/* path_under_any() - whether it is under one of these. */
bool path_under_any(const char *path, const char *const *roots, size_t count);
/* path_is_clean() - absolute, no empty, "." or ".." component, no control character. */
bool path_is_clean(const char *path);
/**
 * path_plain() - the path that every comparison sees
 *
 * "//" and "/./" are "/", as for the kernel. A '/' at the end stays, for it asks for a folder; ".."
 * stays, for what it means depends on links. A relative name stays as it is.
 *
 * Return: the path, freed by the caller; NULL for NULL.
 */
char *path_plain(const char *path);
/* path_in_text() - whether the plain @path stands anywhere in @text, in whatever spelling. */
bool path_in_text(const char *text, const char *path);
/* path_folder() - the folder part of an absolute path; the caller frees it. */
char *path_folder(const char *path);
/* path_name() - the last component, pointing into @path. */
const char *path_name(const char *path);

#endif
