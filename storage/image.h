/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image file is: its virtual size and what it rests on, as its own header says. */
#ifndef BERTH_STORAGE_IMAGE_H
#define BERTH_STORAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* Layers that a chain may have; libvirt refuses longer ones too. */
#define IMAGE_CHAIN_MAX 200

/**
 * struct image - one layer
 * @path: as it was asked for, or as the layer above names it; absolute
 * @format: "raw" or "qcow2"
 * @virtual_bytes: size of the disk that the guest sees
 * @allocated_bytes: what the file occupies on its file system; of a block device its size
 * @backing_path: absolute; a relative name in the header counts from this image's folder,
 *                as for QEMU; or NULL
 * @backing_format: "raw" or "qcow2" where there is a backing file; or NULL
 * @encrypted: the content is encrypted (AES or LUKS), so that a copy needs a secret
 */
struct image {
	char *path;
	char *format;
	uint64_t virtual_bytes;
	uint64_t allocated_bytes;
	char *backing_path;
	char *backing_format;
	bool encrypted;
};

/* struct image_chain - the layers of a disk; images[0] is the top */
struct image_chain {
	struct image *images;
	size_t count;
};

#define cleanup_image cleanup(image_clear)
#define cleanup_image_chain cleanup(image_chain_clear)

/**
 * image_inspect() - look at one image file or block device
 * @path: absolute; links are followed
 * @format: "raw" or "qcow2". It is never guessed, because a guest can write a
 *          qcow2 header into its raw disk, one that names any file of the host as backing file
 * @ret: on success the caller clears it with image_clear()
 *
 * Reads only the header, starts no process and opens no other file; the image may be in use.
 *
 * Return: 0; -ENOENT; -ENOTSUP for a format or feature that berth does not handle (another format,
 * an external data file, a backing file that is not a plain path); -EINVAL for a backing file
 * without recorded format or a broken header; or another negative errno.
 */
int image_inspect(const char *path, const char *format, struct image *ret, struct err *err);

/**
 * image_open() - open an image to look at it
 *
 * Return: a descriptor to read from, of a regular file or a block device, which the caller closes;
 * -EINVAL for anything else; or another negative errno.
 */
int image_open(const char *path, struct err *err);

/* image_inspect_fd() - image_inspect() of an open image; @path is its name. */
int image_inspect_fd(int fd, const char *path, const char *format, struct image *ret,
		     struct err *err);

/**
 * image_chain_inspect() - look at an image and at all that it rests on
 * @ret: on success the caller clears it with image_chain_clear()
 *
 * Return: as image_inspect(), and -ELOOP for a chain that comes back to itself or is longer than
 * IMAGE_CHAIN_MAX.
 */
int image_chain_inspect(const char *path, const char *format, struct image_chain *ret,
			struct err *err);

void image_clear(struct image *image);
void image_chain_clear(struct image_chain *chain);

#endif
