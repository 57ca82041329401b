/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes on the AoE devices that berth has made appear in this boot: a file each, with the boot's
 * id. */
#include "storage/aoe_note.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/boot_id.h"
#include "base/file.h"
#include "base/lock_file.h"
#include "storage/volume_driver.h"

static char *note_path(const struct volume_host *host, const char *what)
{
	return xasprintf("%s/aoe/%s", host->state, what);
}

int aoe_note(const struct volume_host *host, const char *what, struct err *err)
{
	cleanup_free char *path = note_path(host, what);
	cleanup_free char *folder = path_folder(path);
	cleanup_free char *boot = NULL;

	int rc = boot_id(&boot, err);
	if (rc == 0)
		rc = file_make_folders(folder, 0700, err);
	return rc < 0 ? rc : file_replace(path, boot, strlen(boot), 0600, err);
}

/* What was made before a boot is gone, and so is its note then. */
int aoe_is_noted(const struct volume_host *host, const char *what, struct err *err)
{
	cleanup_free char *path = note_path(host, what);
	cleanup_free char *boot = NULL;
	cleanup_strbuf struct strbuf noted = {0};

	int rc = file_read(path, 64, &noted, err);
	if (rc == 0)
		rc = boot_id(&boot, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	/* An older berth has written a line break behind it. */
	if (noted.text)
		noted.text[strcspn(noted.text, "\n")] = '\0';
	if (str_equal(noted.text, boot))
		return 1;
	if (unlink(path) < 0 && errno != ENOENT)
		return err_set(err, errno, "'%s': remove: %s", path, strerror(errno));
	return 0;
}

int aoe_forget(const struct volume_host *host, const char *what, struct err *err)
{
	cleanup_free char *path = note_path(host, what);

	if (unlink(path) < 0)
		return errno == ENOENT
			       ? 0
			       : err_set(err, errno, "'%s': remove: %s", path, strerror(errno));
	return file_sync_folder_of(path, err);
}

bool aoe_is_only(const struct volume_host *host, const char *device)
{
	cleanup_free char *folder = note_path(host, "");
	cleanup_dir DIR *dir = opendir(folder);
	bool only = dir != NULL;

	for (struct dirent *entry; only && (entry = readdir(dir));)
		only = entry->d_name[0] != 'e' || str_equal(entry->d_name, device);
	return only;
}

int aoe_lock(const struct volume_host *host, struct err *err)
{
	cleanup_free char *folder = xasprintf("%s/aoe", host->state);
	cleanup_free char *path = xasprintf("%s/lock", folder);

	int rc = file_make_folders(folder, 0700, err);
	if (rc < 0)
		return rc;
	int fd = lock_file(path, O_RDWR | O_CREAT, host->deadline_ms);
	if (fd == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "another berth has '%s' locked all the time", path);
	return fd < 0 ? err_set(err, -fd, "lock '%s': %s", path, strerror(-fd)) : fd;
}
