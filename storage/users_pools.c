/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt's active storage pools that lie on block devices.
 *
 * libvirtd may be waiting for berth, so it can't be asked. It keeps a file for each active pool
 * (src/storage/storage_driver.c, virStoragePoolSaveState()), of its own making: looking for two
 * elements in the text is enough.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "storage/block_device.h"
#include "storage/volume_driver.h"
#include "storage/volume_users.h"

#define POOL_MAX_BYTES (1u << 20)

/* The value of an attribute in the element that begins at @element; the caller frees it, or NULL.
 */
static char *attribute(const char *element, const char *name)
{
	cleanup_free char *start = xasprintf(" %s='", name);
	const char *end = strchr(element, '>');
	const char *value = strstr(element, start);

	if (!end || !value || value > end)
		return NULL;
	value += strlen(start);
	const char *quote = strchr(value, '\'');
	return quote && quote < end ? xstrndup(value, (size_t)(quote - value)) : NULL;
}

/* A disk, or what pools of kind iscsi have there: the target's name. */
static bool names_device(const struct device_set *set, const char *iqn, const char *pool)
{
	for (const char *at = pool; (at = strstr(at, "<device ")); at++) {
		cleanup_free char *path = attribute(at, "path");
		struct stat st;
		if (path && (str_equal(path, iqn) || (stat(path, &st) == 0 && S_ISBLK(st.st_mode) &&
						      device_set_has(set, st.st_rdev))))
			return true;
	}
	return false;
}

/* Pools of kind scsi have all disks of a host adapter: "host5", or "scsi_host5". */
static bool names_adapter(const struct device_set *set, const char *pool)
{
	const char *element = strstr(pool, "<adapter ");
	cleanup_free char *name = element ? attribute(element, "name") : NULL;

	if (!name)
		return false;
	cleanup_free char *part =
		xasprintf("/%s/", str_starts(name, "scsi_") ? name + strlen("scsi_") : name);
	for (size_t i = 0; i < set->count; i++) {
		cleanup_free char *link = xasprintf("/sys/class/block/%s", set->names[i]);
		cleanup_free char *real = realpath(link, NULL);
		if (real && strstr(real, part))
			return true;
	}
	return false;
}

/* The target that the devices come from, or NULL. */
static char *target_of(const struct device_set *set)
{
	char *iqn = NULL;

	for (size_t i = 0; i < set->count && !iqn; i++) {
		cleanup_volume struct volume volume = {0};
		cleanup_free char *path = block_device_path(set->names[i]);
		struct err err;
		if (volume_of_device(path, &volume, &err) > 0)
			iqn = steal_pointer(volume.iqn);
	}
	return iqn;
}

static int look_at(const struct device_set *set, const char *iqn, const char *path,
		   struct strbuf *users, struct err *err)
{
	cleanup_strbuf struct strbuf pool = {0};

	int rc = file_read(path, POOL_MAX_BYTES, &pool, err);
	if (rc == -ENOENT || pool.length == 0)
		return 0;
	if (rc < 0)
		return rc;
	if (names_device(set, iqn, pool.text) || names_adapter(set, pool.text)) {
		const char *name = path_name(path);
		users_add(users, "libvirt pool '%.*s'", (int)(strlen(name) - strlen(".xml")), name);
	}
	return 0;
}

int users_pools(const struct device_set *set, const char *folder, struct strbuf *users,
		struct err *err)
{
	cleanup_dir DIR *dir = opendir(folder);
	cleanup_free char *iqn = NULL;
	int rc = 0;

	if (!dir)
		return errno == ENOENT ? 0
				       : err_set(err, errno, "'%s': %s", folder, strerror(errno));
	for (struct dirent *entry; rc == 0 && (entry = readdir(dir));) {
		size_t length = strlen(entry->d_name);
		if (length <= 4 || !str_equal(entry->d_name + length - 4, ".xml"))
			continue;
		if (!iqn)
			iqn = target_of(set);
		cleanup_free char *path = xasprintf("%s/%s", folder, entry->d_name);
		rc = look_at(set, iqn, path, users, err);
	}
	return rc;
}
