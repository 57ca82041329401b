/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The volume lock: one byte of one file for each volume.
 *
 * Which byte is a hash of the volume's target and LUN, without its portals: there may be more than
 * one way to it. Two volumes with one byte only wait for each other. The lock belongs to the open
 * file description (fcntl(2), F_OFD_SETLK), so it goes with the process that holds it.
 */
#include "hooks/records/volume_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define POLL_US 10000

static off_t byte_of(const struct volume *volume)
{
	cleanup_free char *key = volume->kind == VOLUME_ISCSI
					 ? xasprintf("iscsi %s %" PRIu64, volume->iqn, volume->lun)
					 : xasprintf("aoe %u.%u", volume->shelf, volume->slot);

	/* Far from the end of what off_t can say. */
	return (off_t)(str_hash(key) >> 2);
}

int volume_lock(const struct site *site, const struct volume *volume, int64_t deadline_ms,
		struct err *err)
{
	cleanup_free char *path = xasprintf("%s/volumes.lock", site->state);
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte_of(volume),
		.l_len = 1,
	};

	int rc = file_make_folders(site->state, 0700, err);
	if (rc < 0)
		return rc;
	cleanup_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, errno, "open '%s': %s", path, strerror(errno));
	while (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return err_set(err, errno, "lock '%s': %s", path, strerror(errno));
		if (volume_deadline_in(0) >= deadline_ms)
			return err_set(err, ETIMEDOUT,
				       "another process of berth is at work on it; try again");
		usleep(POLL_US);
	}
	return steal_fd(fd);
}
