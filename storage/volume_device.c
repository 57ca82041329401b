/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a block device of this host to the volume that it is, and back. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "storage/block_device.h"
#include "storage/multipath.h"
#include "storage/volume_driver.h"

/* A device that is going is found, or it isn't; that it was found and has gone ends soon. */
#define LOOKS 100
#define LOOK_US 10000

static void drop_unspeakable(char **text)
{
	if (volume_identity_is_speakable(*text))
		return;
	free(*text);
	*text = NULL;
}

/* Return: 1 and *@ret, 0: no driver knows it, or a negative errno. */
static int of_disk(const char *device, struct volume *ret, struct err *err)
{
	for (int kind = 0; kind < VOLUME_KINDS; kind++) {
		const struct volume_driver *driver =
			volume_driver(&(struct volume){.kind = (enum volume_kind)kind});
		int rc = driver->of_device(device, ret, err);
		if (rc > 0) {
			drop_unspeakable(&ret->wwn);
			drop_unspeakable(&ret->serial);
		}
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int add_slave(struct volume *volume, bool first, const char *map, const char *slave,
		     struct err *err)
{
	cleanup_volume struct volume path = {0};

	int rc = of_disk(slave, &path, err);
	if (rc < 0)
		return rc;
	if (rc == 0 && first)
		return 0;
	if (rc > 0 && first) {
		*volume = path;
		path = (struct volume){0};
		return 1;
	}
	if (rc > 0 && volume_add_path(volume, &path))
		return 1;
	cleanup_strbuf struct strbuf one = {0};
	volume_describe(volume, &one);
	return err_set(err, ENOTSUP,
		       "multipath map '%s': path '%s' is not %s as its other paths; use a target "
		       "that has the same name at all its portals",
		       map, slave, one.text);
}

/* All paths of a map are one volume, or it is none. */
static int of_map(const char *map, struct volume *ret, struct err *err)
{
	cleanup_volume_paths struct volume_paths slaves = {0};
	cleanup_volume struct volume volume = {0};
	int rc = 0;

	size_t count = block_device_list(map, "slaves", slaves.devices, VOLUME_MAX_PORTALS);
	slaves.count = count < VOLUME_MAX_PORTALS ? count : VOLUME_MAX_PORTALS;
	if (count > slaves.count)
		return err_set(err, E2BIG, "multipath map '%s' has %zu paths; %d are the most", map,
			       count, VOLUME_MAX_PORTALS);
	for (size_t i = 0; i < count && (i == 0 || rc > 0); i++)
		rc = add_slave(&volume, i == 0, map, slaves.devices[i], err);
	if (rc <= 0)
		return rc;
	volume.multipath = true;
	volume.size_bytes = block_device_size(map);
	*ret = volume;
	volume = (struct volume){0};
	return 1;
}

int volume_of_device(const char *path, struct volume *ret, struct err *err)
{
	cleanup_free char *device = NULL, *partition = NULL;

	int rc = block_device_name(path, &device, err);
	if (rc < 0)
		return rc;
	partition = block_device_attribute(device, "partition");
	if (partition)
		return 0;
	return multipath_is_map(device) ? of_map(device, ret, err) : of_disk(device, ret, err);
}

void volume_paths_clear(struct volume_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->devices[i]);
	*paths = (struct volume_paths){0};
}

int volume_paths_find(const struct volume *volume, struct volume_paths *ret, struct err *err)
{
	struct volume_paths paths = {0};

	int count = volume_driver(volume)->find(volume, paths.devices, err);
	if (count < 0)
		return count;
	paths.count = (size_t)count;
	*ret = paths;
	return 0;
}

static int prove(const struct volume *volume, const char *device, struct err *err)
{
	cleanup_free char *path = block_device_path(device);
	cleanup_volume struct volume have = {0};

	int rc = of_disk(device, &have, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(err, ESTALE, "'%s' has vanished; is its target going away?", path);
	return volume_same_identity(volume, &have, path, err);
}

int volume_paths_prove(const struct volume *volume, const struct volume_paths *paths,
		       struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < paths->count && rc == 0; i++) {
		rc = prove(volume, paths->devices[i], err);
		if (rc != -EMEDIUMTYPE)
			continue;
		/* A device that is going says nothing of itself any more a moment before it is seen
		 * to go. */
		usleep(LOOK_US);
		rc = prove(volume, paths->devices[i], err);
	}
	return rc;
}

char *volume_paths_map(const struct volume_paths *paths)
{
	char *map = NULL;

	for (size_t i = 0; i < paths->count && !map; i++)
		map = multipath_map_of(paths->devices[i]);
	return map;
}

int volume_find(const struct volume *volume, char **ret_path, struct err *err)
{
	cleanup_volume_paths struct volume_paths paths = {0};
	int rc = -ESTALE;

	for (int looks = 0; rc == -ESTALE && looks < LOOKS; looks++) {
		usleep(looks > 0 ? LOOK_US : 0);
		volume_paths_clear(&paths);
		rc = volume_paths_find(volume, &paths, err);
		if (rc == 0)
			rc = volume_paths_prove(volume, &paths, err);
	}
	if (rc < 0 || paths.count == 0)
		return rc;
	cleanup_free char *map = volume->multipath ? volume_paths_map(&paths) : NULL;
	if (volume->multipath && !map)
		return 0;
	*ret_path = block_device_path(map ? map : paths.devices[0]);
	return 1;
}
