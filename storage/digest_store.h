/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kept digests: one small file an image, void once the image changes. Internal to storage/. */
#ifndef BERTH_STORAGE_DIGEST_STORE_H
#define BERTH_STORAGE_DIGEST_STORE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "storage/digest.h"

/**
 * digest_store_load() - the kept digest of a file
 * @st: the file as it is now
 * @format: a file has another digest as raw image than as qcow2
 *
 * Return: whether there is one that holds; a broken or unreadable one counts as none.
 */
bool digest_store_load(const char *store, const struct stat *st, const char *format,
		       char ret[DIGEST_TEXT_MAX]);

enum digest_memory {
	DIGEST_NONE,    /* nothing was kept of this file */
	DIGEST_HOLDS,   /* the file is as it was when its digest was taken */
	DIGEST_CHANGED, /* it has been written since */
};

/**
 * digest_store_recall() - as digest_store_load(), but a changed owner or mode is no other content
 *
 * libvirt gives an image to QEMU's user when a guest starts that uses it, which changes the file's
 * ctime alone. Who puts the mtime back after writing goes unnoticed here.
 */
enum digest_memory digest_store_recall(const char *store, const struct stat *st, const char *format,
				       char ret[DIGEST_TEXT_MAX]);

/* digest_store_save() - keep a digest; where that fails it is computed again the next time. */
void digest_store_save(const char *store, const struct stat *st, const char *format,
		       const char *path, const char *digest);

#endif
