/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a fresh image for an incoming guest: whole or not at all, and undoable. */
#ifndef BERTH_STORAGE_PROVISION_H
#define BERTH_STORAGE_PROVISION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "storage/file_id.h"
#include "storage/safe_open.h"

/**
 * struct new_image - the image that is wanted
 * @path: its name in the end; absolute, in a folder that exists
 * @format: "raw" or "qcow2"
 * @virtual_bytes: exactly; a multiple of 512
 * @backing_path: absolute, or NULL; needs "qcow2"
 * @backing_format: "raw" or "qcow2", NULL without @backing_path
 * @mode: permission bits
 * @uid, @gid: (uid_t)-1 and (gid_t)-1 leave what the file system gave
 * @token: 32 hex digits that name this migration
 * @readable: below which the backing file must lie, or NULL: anywhere
 * @as_folder: its owner and group are its folder's
 * @by_group: where the folder's group may write to the folder, owner and group are the folder's,
 * and the group may read and write the image
 */
struct new_image {
	const char *path;
	const char *format;
	uint64_t virtual_bytes;
	const char *backing_path;
	const char *backing_format;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	const char *token;
	const struct folders *readable;
	bool as_folder;
	bool by_group;
};

/**
 * provision_make() - make the image under a temporary name beside its path
 * @roots: here and below: where images may lie; NULL: not known, and no link is followed: see
 *         folder_open()
 * @ret: the file, to be journalled before provision_place()
 *
 * The temporary name is ".berth-TOKEN-NAME", or ".berth-TOKEN-" and 16 hex digits of a hash where
 * that is too long. What stands there is from an interrupted run of this very migration and is
 * replaced. The image is its maker's alone until it is whole; it is checked against its own header
 * and synced. @what->path is not looked at.
 *
 * Return: 0; -EINVAL for a size that QEMU would round, a bad token or path; -ENOENT when the folder
 * or a backing file is missing; as image_inspect() for the backing file; -EPERM when one of them
 * lies elsewhere than it may; -EIO with qemu-img's
 * own words; or another negative errno.
 */
int provision_make(const struct new_image *what, const struct folders *roots, struct file_id *ret,
		   struct err *err);

/**
 * provision_place() - give the image that provision_make() made its name, and make that durable
 *
 * Idempotent.
 *
 * Return: 0; -EEXIST when something else stands at @path, be it a dangling link, which is left as
 * it is; -ESTALE when the temporary name holds another file; -ENOENT when it is gone; or another
 * negative errno.
 */
int provision_place(const char *path, const struct folders *roots, const char *token,
		    const struct file_id *id, struct err *err);

/**
 * provision_undo() - remove what provision_make() and provision_place() made, at any stage
 * @id: the file; NULL when it never came to be known, then only the temporary name is removed
 *
 * A file at @path goes only if it is @id. Idempotent.
 *
 * Return: 1 when something was removed, 0 when there was nothing of ours, or a negative errno.
 */
int provision_undo(const char *path, const struct folders *roots, const char *token,
		   const struct file_id *id, struct err *err);

/**
 * provision_name_beside() - a name in the same folder that tells what it is of
 * @suffix: such as ".departed"
 *
 * PATH and the suffix. Where that name would be too long, PATH's name is cut at a whole character,
 * and "~" and 16 hex digits of a hash of all of it stand before the suffix.
 *
 * Return: the path, which the caller frees.
 */
char *provision_name_beside(const char *path, const char *suffix);

/**
 * provision_set_aside() - rename a guest's own stale image, so that its path becomes free
 * @aside: the other name, in the same folder
 * @id: what @path must be
 *
 * Idempotent.
 *
 * Return: 0; -EEXIST when @aside is taken; -ESTALE when @path holds another file; -ENOENT when the
 * file is under neither name; or another negative errno.
 */
int provision_set_aside(const char *path, const struct folders *roots, const char *aside,
			const struct file_id *id, struct err *err);

/* provision_put_back() - the reverse, with the same answers: @aside gets the name @path again. */
int provision_put_back(const char *path, const struct folders *roots, const char *aside,
		       const struct file_id *id, struct err *err);

#endif
