/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: what a driver of volumes does, one const table for each; and what they share. */
#ifndef BERTH_STORAGE_VOLUME_DRIVER_H
#define BERTH_STORAGE_VOLUME_DRIVER_H

#include "storage/volume.h"

/**
 * struct volume_driver - one way to reach volumes
 * @of_name: see volume_of_name()
 * @of_device: which volume the kernel's block device of that name ("sdb", "etherd!e1.2": see
 * storage/block_device.h) is, with its identity; 1 or 0
 * @check: see volume_check()
 * @find: the kernel names of its devices, one a path, at most VOLUME_MAX_PORTALS; returns how many
 * are there. @ret is filled with strings that the caller frees
 * @attach: make all paths appear; 0: at least one is there; or a negative errno.
 * volume_attach() proves the identity, and waits for udev and multipathd
 * @is_ours: whether detach() has something to take away: what berth made and noted, or whatever is
 * there, as host->config->release says (not asked where that is RELEASE_NEVER); 1 or 0
 * @detach: take it away; nobody uses it, its map is gone, all is written. 0 or a negative errno
 * @stable_name: see volume_stable_name()
 */
struct volume_driver {
	const char *name;
	int (*of_name)(const char *path, struct volume *ret);
	int (*of_device)(const char *device, struct volume *ret, struct err *err);
	int (*check)(const struct volume *volume, const struct volume_host *host, struct err *err);
	int (*find)(const struct volume *volume, char *ret[static VOLUME_MAX_PORTALS],
		    struct err *err);
	int (*attach)(const struct volume *volume, const struct volume_host *host, struct err *err);
	int (*is_ours)(const struct volume *volume, const struct volume_host *host,
		       struct err *err);
	int (*detach)(const struct volume *volume, const struct volume_host *host, struct err *err);
	char *(*stable_name)(const struct volume *volume);
};

extern const struct volume_driver iscsi_driver;
extern const struct volume_driver aoe_driver;

/**
 * struct volume_paths - the devices of a volume, one a path
 * @devices: names as below /sys/block; owned
 */
struct volume_paths {
	char *devices[VOLUME_MAX_PORTALS];
	size_t count;
};

void volume_paths_clear(struct volume_paths *paths);
#define cleanup_volume_paths cleanup(volume_paths_clear)

/* volume_paths_find() - those that are here now; 0 and *@ret, which may be empty, or a negative
 * errno. Their identity isn't looked at. */
int volume_paths_find(const struct volume *volume, struct volume_paths *ret, struct err *err);

/* volume_paths_prove() - 0 when all are the volume that is meant; -EMEDIUMTYPE: not; -ESTALE: one
 * has gone since it was found; ... */
int volume_paths_prove(const struct volume *volume, const struct volume_paths *paths,
		       struct err *err);

/* volume_paths_map() - the dm-multipath map over them ("dm-3"), or NULL; the caller frees it. */
char *volume_paths_map(const struct volume_paths *paths);

/* volume_add_path() - takes the portals and what is not known yet of the identity over from another
 * path; false: it leads to another target or LUN. */
bool volume_add_path(struct volume *volume, const struct volume *path);

/* volume_driver() - who attaches it. */
const struct volume_driver *volume_driver(const struct volume *volume);

/* volume_left_ms() - milliseconds that are left until the host's deadline, at least 0. */
int volume_left_ms(const struct volume_host *host);

/* volume_pause() - sleeps that long, or until the deadline. Return: false: it has passed. */
bool volume_pause(const struct volume_host *host, int ms);

/**
 * volume_in_child() - do what may not end, until the deadline
 * @deed: runs in a child process without any open descriptor; returns 0 or an errno
 *
 * Return: 0; -ETIMEDOUT: not done until the deadline, and the child is left behind; or the deed's
 * errno, negative.
 */
int volume_in_child(int (*deed)(const void *argument), const void *argument,
		    const struct volume_host *host, struct err *err);

/* volume_flush() - writes what the kernel still holds for a device; -ETIMEDOUT: not until the
 * deadline, for its target doesn't answer. */
int volume_flush(const char *path, const struct volume_host *host, struct err *err);

/* volume_same_identity() - 0, or -EMEDIUMTYPE where volume_identity_differences() finds some; @err
 * says which. @path is what @have is called here. */
int volume_same_identity(const struct volume *want, const struct volume *have, const char *path,
			 struct err *err);

#endif
