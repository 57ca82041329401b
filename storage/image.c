/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images and their chains: reading what the headers say, refusing what berth could not move safely.
 */
#include "storage/image.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "storage/qcow2_header.h"
#include "storage/safe_open.h"

#define SECTOR 512

void image_clear(struct image *image)
{
	free(image->path);
	free(image->format);
	free(image->backing_path);
	free(image->backing_format);
	*image = (struct image){0};
}

void image_chain_clear(struct image_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		image_clear(&chain->images[i]);
	free(chain->images);
	*chain = (struct image_chain){0};
}

int image_open(const char *path, struct err *err)
{
	int fd = open_safely(path, OPEN_FILE | OPEN_BLOCK_DEVICE, err);

	return fd < 0 ? err_wrap(err, "image '%s'", path) : fd;
}

static bool is_known_format(const char *format)
{
	return str_equal(format, "raw") || str_equal(format, "qcow2");
}

/* As QEMU decides it (block.c, path_has_protocol()): a colon before any slash. */
static bool has_protocol(const char *name)
{
	return name[strcspn(name, ":/")] == ':';
}

static int read_backing(const struct qcow2_header *header, struct image *image, struct err *err)
{
	const char *name = header->backing_name, *format = header->backing_format;

	if (!name || !*name)
		return 0;
	if (has_protocol(name))
		return err_set(err, ENOTSUP,
			       "backing file '%s' is not a plain path; make it one with "
			       "'qemu-img rebase -u -b PATH -F FORMAT'",
			       name);
	if (!format || !*format)
		return err_set(err, EINVAL,
			       "the format of its backing file '%s' is not recorded; record it "
			       "with 'qemu-img rebase -u -b PATH -F FORMAT'",
			       name);
	if (!is_known_format(format))
		return err_set(err, ENOTSUP,
			       "backing file '%s' has format '%s'; berth handles raw and qcow2",
			       name, format);
	cleanup_free char *folder = path_folder(image->path);
	image->backing_path = name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", folder, name);
	image->backing_format = xstrdup(format);
	return 0;
}

static int inspect_qcow2(int fd, struct image *image, struct err *err)
{
	cleanup_qcow2_header struct qcow2_header header = {0};

	int rc = qcow2_header_read(fd, &header, err);
	if (rc < 0)
		return rc;
	image->virtual_bytes = header.virtual_bytes;
	image->encrypted = header.encrypted;
	return read_backing(&header, image, err);
}

/* Sizes as a raw image; a last part of a sector counts as a whole one, as for QEMU. */
static int measure(int fd, struct image *image, struct err *err)
{
	struct stat st;
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "find its size: %s", strerror(errno));
	image->virtual_bytes = ((uint64_t)end + SECTOR - 1) / SECTOR * SECTOR;
	image->allocated_bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_blocks * 512 : (uint64_t)end;
	return 0;
}

int image_inspect_fd(int fd, const char *path, const char *format, struct image *ret,
		     struct err *err)
{
	cleanup_image struct image image = {0};

	if (!is_known_format(format))
		return err_set(
			err, ENOTSUP,
			"image '%s': format '%s' is not handled; berth handles raw and qcow2", path,
			format ? format : "");
	image.path = xstrdup(path);
	image.format = xstrdup(format);
	int rc = measure(fd, &image, err);
	if (rc == 0 && str_equal(format, "qcow2"))
		rc = inspect_qcow2(fd, &image, err);
	if (rc < 0)
		return err_wrap(err, "image '%s'", path);
	*ret = image;
	image = (struct image){0};
	return 0;
}

int image_inspect(const char *path, const char *format, struct image *ret, struct err *err)
{
	cleanup_close int fd = image_open(path, err);

	return fd < 0 ? fd : image_inspect_fd(fd, path, format, ret, err);
}

/* One layer of a chain, with the file's own identity to notice a loop by. */
struct layer_id {
	dev_t device;
	ino_t inode;
};

static int append_layer(const char *path, const char *format, struct image_chain *chain,
			struct layer_id *ids, struct err *err)
{
	cleanup_close int fd = image_open(path, err);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "image '%s': %s", path, strerror(errno));
	for (size_t i = 0; i < chain->count; i++) {
		if (ids[i].device == st.st_dev && ids[i].inode == st.st_ino)
			return err_set(err, ELOOP,
				       "image '%s': the backing chain comes back to it; "
				       "correct it with 'qemu-img rebase -u'",
				       path);
	}
	int rc = image_inspect_fd(fd, path, format, &chain->images[chain->count], err);
	if (rc < 0)
		return rc;
	ids[chain->count++] = (struct layer_id){st.st_dev, st.st_ino};
	return 0;
}

int image_chain_inspect(const char *path, const char *format, struct image_chain *ret,
			struct err *err)
{
	cleanup_image_chain struct image_chain chain = {0};
	struct layer_id ids[IMAGE_CHAIN_MAX];

	while (path) {
		if (chain.count == IMAGE_CHAIN_MAX)
			return err_set(err, ELOOP,
				       "image '%s': its backing chain has more than %d images",
				       chain.images[0].path, IMAGE_CHAIN_MAX);
		chain.images = xreallocarray(chain.images, chain.count + 1, sizeof(*chain.images));
		int rc = append_layer(path, format, &chain, ids, err);
		if (rc < 0)
			return chain.count ? err_wrap(err, "backing file of '%s'",
						      chain.images[chain.count - 1].path)
					   : rc;
		path = chain.images[chain.count - 1].backing_path;
		format = chain.images[chain.count - 1].backing_format;
	}
	*ret = chain;
	chain = (struct image_chain){0};
	return 0;
}
