/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder below the image roots, held open, so that names in it can be made, moved and removed. */
#ifndef BERTH_STORAGE_FOLDER_H
#define BERTH_STORAGE_FOLDER_H

#include <sys/types.h>

#include "base/err.h"
#include "storage/file_id.h"
#include "storage/safe_open.h"

/**
 * folder_open() - open the folder that a file lies in, or is to lie in
 * @path: of the file; absolute and clean
 * @roots: below one of which the folder must lie, after all links are resolved;
 *         NULL: they aren't known, and no link is followed at all
 *
 * Whoever may write below a root can exchange a folder for a link at any moment. So the names are
 * resolved once, and then opened one after the other, none of them through a link: what is done
 * later by the descriptor is done in that folder, wherever its name leads by then. (A name without
 * links and without ".." stays beneath where the walk began, so this needs no openat2().)
 *
 * Return: a descriptor, which the caller closes; -EPERM when the folder lies outside; -ENOENT or
 * -ENOTDIR when there is none; -ELOOP when a link is in the way; or another negative errno.
 */
int folder_open(const char *path, const struct folders *roots, struct err *err);

/**
 * folder_open_to_clear() - folder_open() to undo what was made there, when the roots may be others
 * by now
 *
 * Outside of the roots no link is followed.
 */
int folder_open_to_clear(const char *path, const struct folders *roots, struct err *err);

/**
 * folder_open_anywhere() - open the folder of a file, through any links
 *
 * Only for what is recognized in it by its file_id: what is done then is done in the folder where
 * that file lies, whoever may have exchanged the names on the way.
 */
int folder_open_anywhere(const char *path, struct err *err);

/**
 * folder_holds() - whether a file has that name in the folder
 *
 * Return: 1; 0: another file has it; -ENOENT; or another negative errno.
 */
int folder_holds(int folder, const char *name, const struct file_id *id, struct err *err);

/* folder_remove() - remove a name that is no folder. Return: 1; 0: there was none, also in a folder
 * that can't be written; or a negative errno. */
int folder_remove(int folder, const char *name, struct err *err);

/**
 * folder_rename() - give that very file another name in the folder, if the name is free
 *
 * Whoever exchanges @from meanwhile can't have his file named @to. Idempotent.
 *
 * Return: 0; -EEXIST when @to is taken; -ESTALE when @from is another file; -ENOENT when the file
 * is under neither name; or another negative errno. Made durable by folder_sync().
 */
int folder_rename(int folder, const char *from, const char *to, const struct file_id *id,
		  struct err *err);

/* folder_sync() - make the names in it durable. */
int folder_sync(int folder, const char *path, struct err *err);

#endif
