/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folders that berth has made for an image: they go with it. */
#ifndef BERTH_HOOKS_JOURNAL_MADE_FOLDER_H
#define BERTH_HOOKS_JOURNAL_MADE_FOLDER_H

#include "config/config.h"
#include "hooks/journal/journal.h"
#include "hooks/records/image_record.h"

/* made_folder_of() - the outermost folder that a migration has made on the way to a path, or NULL;
 * owned by the journal. */
const char *made_folder_of(const struct journal *journal, const char *path);

/* made_folder_note() - the image has that one from now on; NULL: what it had stays. */
void made_folder_note(struct known_image *image, const char *folder);

/* made_folder_remove() - remove the image's folders that are empty, from the innermost on; no link
 * is followed out of the image roots. */
void made_folder_remove(const struct known_image *image, const struct config *config);

#endif
