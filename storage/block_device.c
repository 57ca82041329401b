/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs says about block devices: names, numbers, attributes, what lies on what. */
#include "storage/block_device.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"

/* What a sysfs attribute may have (fs/sysfs: one page). */
#define ATTRIBUTE_MAX_BYTES 4096
/* /sys/block/NAME/size counts these, whatever the device's sectors are. */
#define SYSFS_SECTOR_BYTES 512

int block_device_name(const char *path, char **ret, struct err *err)
{
	cleanup_free char *entry = NULL, *real = NULL;
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(err, errno, "'%s': %s", path, strerror(errno));
	if (!S_ISBLK(st.st_mode))
		return err_set(err, ENOTBLK, "'%s' is no block device", path);
	entry = xasprintf("/sys/dev/block/%u:%u", major(st.st_rdev), minor(st.st_rdev));
	real = realpath(entry, NULL);
	if (!real)
		return err_set(err, errno, "block device '%s' (%u:%u): '%s': %s", path,
			       major(st.st_rdev), minor(st.st_rdev), entry, strerror(errno));
	*ret = xstrdup(path_name(real));
	return 0;
}

char *block_device_path(const char *device)
{
	char *path = xasprintf("/dev/%s", device);

	/* sysfs has '!' where the device's name has '/' (drivers/base/core.c). */
	for (char *c = path; (c = strchr(c, '!'));)
		*c = '/';
	return path;
}

char *block_device_attribute(const char *device, const char *attribute)
{
	cleanup_free char *path = xasprintf("/sys/class/block/%s/%s", device, attribute);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	if (file_read(path, ATTRIBUTE_MAX_BYTES, &text, &err) < 0 || text.length == 0)
		return NULL;
	const char *first = text.text + strspn(text.text, " \t\n");
	size_t length = strlen(first);
	while (length > 0 && strchr(" \t\n", first[length - 1]))
		length--;
	return length ? xstrndup(first, length) : NULL;
}

dev_t block_device_number(const char *device)
{
	cleanup_free char *text = block_device_attribute(device, "dev");
	unsigned major_number, minor_number;

	if (!text || sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
		return 0;
	return makedev(major_number, minor_number);
}

uint64_t block_device_size(const char *device)
{
	cleanup_free char *text = block_device_attribute(device, "size");
	unsigned long long sectors;

	return text && str_to_u64(text, &sectors) ? sectors * SYSFS_SECTOR_BYTES : 0;
}

size_t block_device_list(const char *device, const char *list, char **ret, size_t max)
{
	cleanup_free char *path = xasprintf("/sys/class/block/%s/%s", device, list);
	cleanup_dir DIR *dir = opendir(path);
	size_t count = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		if (count < max)
			ret[count] = xstrdup(entry->d_name);
		count++;
	}
	return count;
}
