/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaching a volume and taking it away, whoever its driver is.
 *
 * The driver makes its devices appear; here it is proven that they are the ones that are meant, and
 * waited for what others make of them: multipathd a map, udev a name. What a call made before it
 * failed is taken away by volume_detach(), which looks at the driver's notes and at who uses it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "storage/block_device.h"
#include "storage/multipath.h"
#include "storage/volume_driver.h"
#include "storage/volume_users.h"

#define POLL_MS 10
/* While udev is busy the name is due at any moment, and the guest waits for it. */
#define NAME_POLL_MS 2
/* How long udev may have nothing to do before a name that is missing or wrong is final. */
#define UDEV_GRACE_MS 2000
/* What undoing may take, the deadline being what made it necessary. */
#define UNDO_MS 30000
/* How long somebody may look at a device, as udev does, without being a user of it. */
#define LOOK_MS 2000

static int wrap(const struct volume *volume, struct err *err)
{
	cleanup_strbuf struct strbuf what = {0};

	volume_describe(volume, &what);
	return err_wrap(err, "%s", what.text);
}

int volume_check(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	int rc = volume_driver(volume)->check(volume, host, err);

	return rc < 0 ? wrap(volume, err) : 0;
}

/* --- the name --- */

/* udev writes a file for each device that it is through with, and has another while it is busy. */
static bool udev_is_done(const char *device)
{
	dev_t number = block_device_number(device);
	cleanup_free char *record =
		xasprintf("/run/udev/data/b%u:%u", major(number), minor(number));

	return file_exists(record) && !file_exists("/run/udev/queue");
}

static bool leads_to_one(const char *name, char *const *devices, size_t count)
{
	struct stat st;

	if (stat(name, &st) < 0 || !S_ISBLK(st.st_mode))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (block_device_number(devices[i]) == st.st_rdev)
			return true;
	}
	return false;
}

/* As `udevadm trigger` does: where an event was lost, or came when not all was there that a name is
 * made of, udev makes its names now. */
static void have_udev_look_again(const char *device)
{
	cleanup_free char *path = xasprintf("/sys/class/block/%s/uevent", device);
	cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "change", strlen("change")) < 0)
		log_problem("'%s': %s", path, strerror(errno));
}

static int no_name(const char *name, const char *device, struct err *err)
{
	cleanup_free char *path = block_device_path(device);
	cleanup_free char *real = realpath(name, NULL);

	if (real)
		return err_set(err, EEXIST, "'%s' leads to '%s' instead of '%s'; remove that name",
			       name, real, path);
	return err_set(err, ETIMEDOUT, "'%s' is there, but not by the name '%s'; is udev running?",
		       path, name);
}

/* Waits until @name leads to one of the devices. */
static int wait_for_name(const char *name, char *const *devices, size_t count,
			 const struct volume_host *host, struct err *err)
{
	bool asked = false;
	int idle_ms = 0;

	while (!leads_to_one(name, devices, count)) {
		if (block_device_number(devices[0]) == 0)
			return err_set(err, ESTALE, "'/dev/%s' has vanished", devices[0]);
		bool idle = udev_is_done(devices[0]);
		idle_ms = idle ? idle_ms + POLL_MS : 0;
		if (idle_ms > UDEV_GRACE_MS && !asked && !file_exists(name)) {
			have_udev_look_again(devices[0]);
			asked = true;
			idle_ms = 0;
		}
		if (idle_ms > UDEV_GRACE_MS || !volume_pause(host, idle ? POLL_MS : NAME_POLL_MS))
			return no_name(name, devices[0], err);
	}
	return 0;
}

/* --- attaching --- */

static int refuse_map(const struct volume_paths *paths, struct err *err)
{
	cleanup_free char *map = volume_paths_map(paths);

	if (!map)
		return 0;
	cleanup_free char *name = block_device_attribute(map, "dm/name");
	return err_set(err, EBUSY,
		       "multipathd has put '/dev/%s' into its map '%s', but the guest uses the "
		       "device itself; blacklist it in multipath.conf here, or let the guest use "
		       "the map at the source too",
		       paths->devices[0], name ? name : map);
}

/* The map, or the paths themselves, by the name that the guest uses. */
static int wait_for_use(const struct volume *volume, const struct volume_paths *paths,
			const struct volume_host *host, const char *name, struct err *err)
{
	if (!volume->multipath) {
		int rc = refuse_map(paths, err);
		return rc < 0 || !name
			       ? rc
			       : wait_for_name(name, paths->devices, paths->count, host, err);
	}
	int rc = multipath_wait(paths->devices, paths->count, host, err);
	if (rc < 0)
		return rc;
	cleanup_free char *map = volume_paths_map(paths);
	if (!map)
		return err_set(err, ENODEV, "its multipath map has vanished");
	return name ? wait_for_name(name, &map, 1, host, err) : 0;
}

/* Return: 0; -ESTALE: what was there has gone meanwhile; or another negative errno. */
static int bring(const struct volume *volume, const struct volume_host *host, const char *name,
		 struct err *err)
{
	cleanup_volume_paths struct volume_paths paths = {0};

	int rc = volume_driver(volume)->attach(volume, host, err);
	if (rc < 0)
		return rc;
	fault_point("volume-attached");
	rc = volume_paths_find(volume, &paths, err);
	if (rc < 0)
		return rc;
	if (paths.count == 0)
		return err_set(err, ESTALE, "it has vanished; is its target going away?");
	rc = volume_paths_prove(volume, &paths, err);
	return rc < 0 ? rc : wait_for_use(volume, &paths, host, name, err);
}

static int make_ready(const struct volume *volume, const struct volume_host *host, const char *name,
		      struct err *err)
{
	int rc = bring(volume, host, name, err);

	/* Somebody was about to take away what was found. */
	while (rc == -ESTALE && volume_pause(host, POLL_MS))
		rc = bring(volume, host, name, err);
	return rc;
}

/* What this call made, whatever the configuration says of releasing. */
static void undo(const struct volume *volume, const struct volume_host *host)
{
	struct config config = *host->config;
	struct volume_host undoing = *host;
	struct err err;

	config.release = RELEASE_OURS;
	undoing.config = &config;
	undoing.deadline_ms = volume_deadline_in(UNDO_MS);
	if (volume_detach(volume, &undoing, &err) <= 0)
		log_problem("%s", err.text);
}

int volume_attach(const struct volume *volume, const struct volume_host *host, const char *name,
		  struct err *err)
{
	cleanup_volume_paths struct volume_paths before = {0};

	int rc = volume_check(volume, host, err);
	if (rc < 0)
		return rc;
	if (volume_left_ms(host) == 0) {
		err_set(err, ETIMEDOUT, "no time is left to attach it");
		return wrap(volume, err);
	}
	rc = volume_paths_find(volume, &before, err);
	if (rc == 0) {
		rc = make_ready(volume, host, name, err);
		if (rc < 0 && before.count == 0)
			undo(volume, host);
	}
	return rc < 0 ? wrap(volume, err) : 0;
}

/* --- taking away --- */

/* Return: 1 used, and @err says by what; 0; or a negative errno. */
static int is_used(const struct volume_paths *paths, const struct volume_host *host,
		   struct err *err)
{
	int64_t until_ms = volume_deadline_in(LOOK_MS);

	for (;;) {
		cleanup_strbuf struct strbuf users = {0};
		/* Asked before, for udev may be through while its users are looked for. */
		bool looking = volume_deadline_in(0) < until_ms || file_exists("/run/udev/queue");
		int rc = volume_users_of(paths->devices, paths->count, &users, err);
		if (rc <= 0)
			return rc;
		if (looking && volume_pause(host, POLL_MS))
			continue;
		err_set(err, EBUSY, "it stays, for it is in use: %s", users.text);
		return 1;
	}
}

/*
 * Nothing that was written may be lost with the device. Where its target is dead that can't be
 * helped, and is no reason to keep it; only the time that finding out takes is bounded.
 */
static int let_go(const char *device, const struct volume_host *host, struct err *err)
{
	cleanup_free char *path = block_device_path(device);

	int rc = volume_fence(path, false, err);
	if (rc == 0)
		rc = volume_flush(path, host, err);
	if (rc < 0 && rc != -ETIMEDOUT)
		log_problem("%s", err->text);
	return rc == -ETIMEDOUT ? rc : 0;
}

static int take_away(const struct volume *volume, const struct volume_paths *paths,
		     const struct volume_host *host, struct err *err)
{
	cleanup_free char *map = volume_paths_map(paths);
	int rc = 0;

	if (map) {
		rc = let_go(map, host, err);
		if (rc == 0)
			rc = multipath_remove(map, host, err);
	}
	for (size_t i = 0; i < paths->count && rc == 0; i++)
		rc = let_go(paths->devices[i], host, err);
	if (rc < 0)
		return rc;
	fault_point("volume-flushed");
	return volume_driver(volume)->detach(volume, host, err);
}

int volume_detach(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	cleanup_volume_paths struct volume_paths paths = {0};

	if (host->config->release == RELEASE_NEVER)
		return 1;
	int rc = volume_driver(volume)->is_ours(volume, host, err);
	if (rc == 0)
		return 1;
	if (rc > 0)
		rc = volume_paths_find(volume, &paths, err);
	if (rc == 0 && (rc = is_used(&paths, host, err)) > 0) {
		wrap(volume, err);
		return 0;
	}
	if (rc == 0)
		rc = take_away(volume, &paths, host, err);
	return rc < 0 ? wrap(volume, err) : 1;
}
