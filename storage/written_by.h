/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether one QEMU may write an image: by the locks of its own descriptors. */
#ifndef BERTH_STORAGE_WRITTEN_BY_H
#define BERTH_STORAGE_WRITTEN_BY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * image_is_written_by() - whether that very QEMU may write the image, whoever else may
 *
 * image_use() asks for the locks of all programs that share a kernel, or of all hosts where the
 * file system passes locks on. This looks at the process's descriptors of the file, and at their
 * locks (proc(5), fdinfo).
 *
 * Return: 0 and *@ret; or a negative errno.
 */
int image_is_written_by(pid_t pid, const char *path, bool *ret, struct err *err);

#endif
