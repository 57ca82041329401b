/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configured folders that images may lie in. */
#ifndef BERTH_HOOKS_RECORDS_IMAGE_FOLDERS_H
#define BERTH_HOOKS_RECORDS_IMAGE_FOLDERS_H

#include "base/cleanup.h"
#include "config/config.h"
#include "storage/safe_open.h"

#define cleanup_folders cleanup(folders_clear)

/* image_folders() - below which guests' own images lie: roots and shared. The strings stay the
 * configuration's; the caller clears it with folders_clear(). */
struct folders image_folders(const struct config *config);
/* image_folders_to_read() - the same, and where base images are looked for. */
struct folders image_folders_to_read(const struct config *config);

static inline void folders_clear(struct folders *folders)
{
	free((void *)folders->items);
	*folders = (struct folders){0};
}

#endif
