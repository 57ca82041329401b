/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stale image is checked and removed by one descriptor of its folder. */
#include "hooks/records/stale_removal.h"

#include <errno.h>

#include "base/file.h"
#include "storage/folder.h"

/* The name may have been exchanged while the image was looked at. */
static int remove_name(int folder, const struct known_image *image, struct err *err)
{
	const char *name = path_name(image->path);

	int rc = folder_holds(folder, name, &image->id, err);
	if (rc == 0)
		return err_set(err, ESTALE,
			       "was replaced by another file meanwhile; find out who did it");
	if (rc > 0)
		rc = folder_remove(folder, name, err);
	return rc < 0 ? rc : folder_sync(folder, image->path, err);
}

int stale_image_remove(const struct known_image *image, struct err *err)
{
	cleanup_close int folder = folder_open_anywhere(image->path, err);

	if (folder == -ENOENT || (folder >= 0 && folder_holds(folder, path_name(image->path),
							      &image->id, err) == -ENOENT))
		return 0;
	if (folder < 0)
		return folder;
	int rc = known_image_check_stale(image, err);
	if (rc < 0)
		return rc;
	rc = remove_name(folder, image, err);
	return rc < 0 ? err_wrap(err, "remove '%s'", image->path) : 0;
}
