/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders that berth has made for an image.
 *
 * A migration that fails undoes them itself. Of one that has arrived the image's record remembers
 * the outermost; when the image is removed, what is empty of them goes, and what somebody else uses
 * by now stays.
 */
#include "hooks/journal/made_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "hooks/records/image_folders.h"
#include "storage/folder.h"

const char *made_folder_of(const struct journal *journal, const char *path)
{
	const char *outermost = NULL;

	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i].step;
		if (step->kind == STEP_FOLDER && path_under(path, step->path) &&
		    (!outermost || strlen(step->path) < strlen(outermost)))
			outermost = step->path;
	}
	return outermost;
}

void made_folder_note(struct known_image *image, const char *folder)
{
	if (!folder)
		return;
	free(image->folder);
	image->folder = xstrdup(folder);
}

/* Whoever may write above it could put a link there, to any empty folder of the same name. Return:
 * 0: it is gone; or a negative errno. */
static int remove_empty(const char *folder, const struct folders *roots)
{
	struct err unused;
	cleanup_close int above = folder_open_to_clear(folder, roots, &unused);

	if (above < 0)
		return above == -ENOENT ? 0 : above;
	return unlinkat(above, path_name(folder), AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

void made_folder_remove(const struct known_image *image, const struct config *config)
{
	cleanup_folders struct folders roots = image_folders(config);
	char *folder = path_folder(image->path);

	while (image->folder && path_under(folder, image->folder)) {
		/* A folder that somebody has removed by hand is as good as removed here. */
		if (remove_empty(folder, &roots) < 0)
			break;
		log_note("removed folder '%s', which berth had made; it was empty", folder);
		char *above = path_folder(folder);
		free(folder);
		folder = above;
	}
	free(folder);
}
