/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <disk>: its source, its backing chain, and what the guest may do with it. */
#include "xml/view.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"

/* libvirt's names are like "vda"; this is a bit more. It goes into every message about the disk. */
#define TARGET_MAX_BYTES 64
#define TARGET_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-"

/* Where a source of each type has its path; conf/domain_conf.c, virDomainStorageSourceParse(). */
static const struct {
	const char *name;
	enum disk_type type;
	const char *path_attribute;
} source_types[] = {
	{"file", DISK_FILE, "file"},     {"block", DISK_BLOCK, "dev"},  {"dir", DISK_OTHER, "dir"},
	{"network", DISK_NETWORK, NULL}, {"volume", DISK_VOLUME, NULL},
};

/* What type= says, libvirt's default being "file". @path_attribute: NULL where there is no path. */
static enum disk_type source_type(const xmlNode *element, const char **path_attribute)
{
	cleanup_free char *name = tree_attribute(element, "type");

	for (size_t i = 0; i < ARRAY_SIZE(source_types); i++) {
		if (name && strcmp(name, source_types[i].name) != 0)
			continue;
		*path_attribute = source_types[i].path_attribute;
		return source_types[i].type;
	}
	*path_attribute = NULL;
	return DISK_OTHER;
}

static int add_source(struct domain *domain, const xmlNode *element, const char *path_attribute,
		      const char *label)
{
	if (!path_attribute)
		return -1;
	return view_add_place(domain, PLACE_PATH, tree_child(element, "source"), path_attribute,
			      label);
}

/* <backingStore/> says that the chain ends here. */
static bool ends_chain(const xmlNode *backing)
{
	return !tree_child(backing, "source") && !tree_child(backing, "format");
}

static void add_backing(struct domain *domain, struct domain_disk *disk, const xmlNode *backing)
{
	const char *path_attribute;
	cleanup_free char *label =
		xasprintf("disk '%s' backing %zu", disk->target, disk->backing_count + 1);

	source_type(backing, &path_attribute);
	disk->backing = view_room(disk->backing, disk->backing_count, sizeof(*disk->backing));
	disk->backing[disk->backing_count++] = (struct domain_backing){
		.format = tree_attribute(tree_child(backing, "format"), "type"),
		.place = add_source(domain, backing, path_attribute, label),
	};
}

static struct domain_disk *add_disk(struct domain *domain, char *target)
{
	domain->disks = view_room(domain->disks, domain->disk_count, sizeof(*domain->disks));
	domain->disks[domain->disk_count] = (struct domain_disk){.target = target, .place = -1};
	return &domain->disks[domain->disk_count++];
}

static int read_target(const xmlNode *element, char **ret, struct err *err)
{
	cleanup_free char *target = tree_attribute(tree_child(element, "target"), "dev");

	if (!target || !*target)
		return err_set(err, EINVAL, "line %ld: <disk> without <target dev=>",
			       tree_line(element));
	if (strlen(target) > TARGET_MAX_BYTES ||
	    strspn(target, TARGET_CHARACTERS) != strlen(target))
		return err_set(err, EINVAL, "line %ld: <disk> target '%.*s' is not a device name",
			       tree_line(element), TARGET_MAX_BYTES, target);
	*ret = steal_pointer(target);
	return 0;
}

/* conf/domain_conf.h, virDomainStartupPolicy; the default is mandatory. */
static bool may_be_missing(const xmlNode *source)
{
	cleanup_free char *policy = source ? tree_attribute(source, "startupPolicy") : NULL;

	return str_equal(policy, "optional") || str_equal(policy, "requisite");
}

int view_disk(struct domain *domain, const xmlNode *element, unsigned number, struct err *err)
{
	const char *path_attribute;
	char *target = NULL;

	(void)number;
	int rc = read_target(element, &target, err);
	if (rc < 0)
		return rc;
	struct domain_disk *disk = add_disk(domain, target);
	cleanup_free char *label = xasprintf("disk '%s'", target);

	disk->device = tree_attribute(element, "device");
	if (!disk->device)
		disk->device = xstrdup("disk");
	disk->type = source_type(element, &path_attribute);
	disk->format = tree_attribute(tree_child(element, "driver"), "type");
	disk->readonly = tree_child(element, "readonly") || str_equal(disk->device, "cdrom");
	disk->shareable = tree_child(element, "shareable");
	disk->transient = tree_child(element, "transient");
	disk->encrypted = tree_child(tree_child(element, "source"), "encryption") ||
			  tree_child(element, "encryption");
	disk->sliced = tree_child(tree_child(element, "source"), "slices");
	disk->optional = may_be_missing(tree_child(element, "source"));
	disk->place = add_source(domain, element, path_attribute, label);

	const xmlNode *backing = tree_child(element, "backingStore");
	for (; backing && !ends_chain(backing); backing = tree_child(backing, "backingStore"))
		add_backing(domain, disk, backing);
	return 0;
}

bool disk_is_copied(const struct domain_disk *disk)
{
	return disk->place >= 0 && !disk->readonly && !disk->shareable;
}
