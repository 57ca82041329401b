/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses a block device of this host.
 *
 * What is looked at is a set: the disk, its partitions, and what multipath makes of it without
 * being asked. A user of one is a user of all; what belongs to the set is no user of the rest.
 */
#include "storage/volume_users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "storage/block_device.h"
#include "storage/multipath.h"

#define LIBVIRT_POOLS "/run/libvirt/storage"
#define MAX_NEIGHBOURS 64

void users_add(struct strbuf *users, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	strbuf_printf(users, "%s%s", users->length ? ", " : "", text);
}

/* --- the set --- */

void device_set_clear(struct device_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->names[i]);
	free(set->names);
	free(set->numbers);
	*set = (struct device_set){0};
}

bool device_set_has(const struct device_set *set, dev_t number)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->numbers[i] == number)
			return true;
	}
	return false;
}

static void add(struct device_set *set, const char *device)
{
	dev_t number = block_device_number(device);

	if (number == 0 || device_set_has(set, number))
		return;
	set->names = xreallocarray(set->names, set->count + 1, sizeof(*set->names));
	set->numbers = xreallocarray(set->numbers, set->count + 1, sizeof(*set->numbers));
	set->names[set->count] = xstrdup(device);
	set->numbers[set->count++] = number;
}

static void add_partitions(struct device_set *set, const char *device)
{
	cleanup_free char *path = xasprintf("/sys/class/block/%s", device);
	cleanup_dir DIR *dir = opendir(path);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!str_starts(entry->d_name, device))
			continue;
		cleanup_free char *number = block_device_attribute(entry->d_name, "partition");
		if (number)
			add(set, entry->d_name);
	}
}

/* Adds those holders, or slaves, that multipath makes. Return: -E2BIG: too many to look at. */
static int add_multipath(struct device_set *set, const char *device, const char *list)
{
	char *names[MAX_NEIGHBOURS];
	bool below = str_equal(list, "slaves");

	size_t count = block_device_list(device, list, names, MAX_NEIGHBOURS);
	for (size_t i = 0; i < count && i < MAX_NEIGHBOURS; i++) {
		if (below || multipath_is_map(names[i]) || multipath_is_partition(names[i]))
			add(set, names[i]);
		free(names[i]);
	}
	return count > MAX_NEIGHBOURS ? -E2BIG : 0;
}

int device_set_of(char *const *devices, size_t count, struct device_set *set, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		add(set, devices[i]);
	for (size_t i = 0; i < set->count; i++) {
		bool multipath =
			multipath_is_map(set->names[i]) || multipath_is_partition(set->names[i]);
		int rc = add_multipath(set, set->names[i], "holders");
		if (rc == 0 && multipath)
			rc = add_multipath(set, set->names[i], "slaves");
		if (rc < 0)
			return err_set(err, -rc, "'%s' has too many devices on top of it",
				       set->names[i]);
		add_partitions(set, set->names[i]);
	}
	return 0;
}

/* --- what the kernel has made of it --- */

static const char *kind_of_holder(const char *device, const char *uuid)
{
	static const struct {
		const char *start;
		const char *kind;
	} kinds[] = {
		{"md", "RAID"},
		{"bcache", "bcache"},
	};

	if (uuid && str_starts(uuid, "LVM-"))
		return "LVM";
	if (uuid || str_starts(device, "dm-"))
		return "device mapper";
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (str_starts(device, kinds[i].start))
			return kinds[i].kind;
	}
	return "block device";
}

static void add_holders(const struct device_set *set, const char *device, struct strbuf *users)
{
	char *names[MAX_NEIGHBOURS];
	size_t count = block_device_list(device, "holders", names, MAX_NEIGHBOURS);

	for (size_t i = 0; i < count && i < MAX_NEIGHBOURS; i++) {
		cleanup_free char *holder = names[i];
		cleanup_free char *name = block_device_attribute(holder, "dm/name");
		cleanup_free char *uuid = block_device_attribute(holder, "dm/uuid");
		if (!device_set_has(set, block_device_number(holder)))
			users_add(users, "%s '%s'", kind_of_holder(holder, uuid),
				  name ? name : holder);
	}
}

/* A mount in another mount namespace, or a file system's log: whoever owns a device in the kernel
 * has it for himself alone. */
static bool is_claimed(const char *device)
{
	cleanup_free char *path = block_device_path(device);
	cleanup_close int fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 && errno == EBUSY;
}

/* multipath's own devices claim those below them. */
static bool is_below_multipath(const struct device_set *set, const char *device)
{
	char *names[MAX_NEIGHBOURS];
	size_t count = block_device_list(device, "holders", names, MAX_NEIGHBOURS);
	bool below = false;

	for (size_t i = 0; i < count && i < MAX_NEIGHBOURS; i++) {
		below |= device_set_has(set, block_device_number(names[i]));
		free(names[i]);
	}
	return below;
}

static void add_claim(const struct device_set *set, struct strbuf *users)
{
	for (size_t i = 0; i < set->count && users->length == 0; i++) {
		if (!is_below_multipath(set, set->names[i]) && is_claimed(set->names[i]))
			users_add(users, "the kernel has '%s' open; is it mounted in a container?",
				  set->names[i]);
	}
}

/* --- all together --- */

static int find_users(char *const *devices, size_t count, pid_t except, struct strbuf *users,
		      struct err *err)
{
	cleanup(device_set_clear) struct device_set set = {0};
	cleanup_strbuf struct strbuf found = {0};

	int rc = device_set_of(devices, count, &set, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < set.count; i++)
		add_holders(&set, set.names[i], &found);
	rc = users_mounted(&set, &found, err);
	if (rc == 0)
		rc = users_swap(&set, &found, err);
	if (rc == 0)
		rc = users_processes(&set, except, &found, err);
	if (rc == 0)
		rc = users_pools(&set, LIBVIRT_POOLS, &found, err);
	if (rc < 0)
		return rc;
	add_claim(&set, &found);
	if (!found.length)
		return 0;
	strbuf_add(users, found.text, found.length);
	return 1;
}

int volume_users_of(char *const *devices, size_t count, struct strbuf *users, struct err *err)
{
	return find_users(devices, count, 0, users, err);
}

int volume_users(const char *path, struct strbuf *users, struct err *err)
{
	return volume_writers(path, 0, users, err);
}

int volume_writers(const char *path, pid_t except, struct strbuf *users, struct err *err)
{
	cleanup_free char *device = NULL;

	int rc = block_device_name(path, &device, err);
	return rc < 0 ? rc : find_users(&device, 1, except, users, err);
}
