/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The survey.
 *
 * Facts are looked up for what the plan may ask: names that the mappings give, what is there under
 * them, whether a path stays inside the roots, whether a file there is this guest's own stale
 * image, and which local image has the identity that the manifest names.
 */
#include "hooks/survey.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/base_image.h"
#include "hooks/gate_mark.h"
#include "hooks/image_record.h"
#include "hooks/plan.h"
#include "storage/location.h"

/* --- places --- */

static bool same_address(const struct sockaddr *have, int family, const void *wanted)
{
	if (!have || have->sa_family != family)
		return false;
	if (family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)have)->sin_addr, wanted, 4) == 0;
	return memcmp(&((const struct sockaddr_in6 *)have)->sin6_addr, wanted, 16) == 0;
}

/* A name instead of an address is QEMU's to resolve, and the wildcards are everywhere. */
static bool host_has_address(const char *text)
{
	unsigned char wanted[sizeof(struct in6_addr)];
	struct ifaddrs *list;
	bool found = false;

	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, wanted) != 1)
		return true;
	if (strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0)
		return true;
	if (getifaddrs(&list) < 0)
		return true;
	for (const struct ifaddrs *item = list; item && !found; item = item->ifa_next)
		found = same_address(item->ifa_addr, family, wanted);
	freeifaddrs(list);
	return found;
}

static bool interface_exists(const struct site *site, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", site->net_class, name);

	return !strchr(name, '/') && file_exists(path);
}

static void look_at_path(struct place_facts *facts)
{
	cleanup_free char *folder = path_folder(facts->here);

	/* Only ask below absolute names: what else stands there is refused or not ours. */
	facts->present = facts->here[0] == '/' && file_exists(facts->here);
	facts->folder_present = facts->here[0] == '/' && file_exists(folder);
}

static void look_at_place(const struct site *site, const struct config *config,
			  const struct place *place, struct place_facts *facts)
{
	facts->here = plan_mapped_name(config, place);
	if (!facts->here)
		facts->here = xstrdup(place->value);
	switch (place->kind) {
	case PLACE_PATH:
		look_at_path(facts);
		break;
	case PLACE_BRIDGE:
		facts->present = interface_exists(site, facts->here);
		break;
	case PLACE_NETWORK:
		facts->present = true;
		break;
	case PLACE_LISTEN:
		facts->present = host_has_address(place->value);
		break;
	}
}

/* --- disks --- */

static void find_missing_folders(struct disk_facts *facts, const char *path)
{
	cleanup_free char *folder = path_folder(path);

	while (!file_exists(folder) && strcmp(folder, "/") != 0) {
		facts->missing_folders = xreallocarray(
			facts->missing_folders, facts->missing_folder_count + 1, sizeof(char *));
		memmove(facts->missing_folders + 1, facts->missing_folders,
			facts->missing_folder_count * sizeof(char *));
		facts->missing_folders[0] = xstrdup(folder);
		facts->missing_folder_count++;
		char *above = path_folder(folder);
		free(folder);
		folder = above;
	}
}

static void find_departed(const struct image_record *record, const char *path,
			  struct disk_facts *facts)
{
	const struct known_image *image = image_record_find(record, path);
	struct err err;

	if (image && image->state == IMAGE_DEPARTED && known_image_check_stale(image, &err) == 0) {
		facts->departed = true;
		facts->departed_id = image->id;
	}
}

static bool lies_in_shared_folder(const struct config *config, const char *path)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < config->shared.count; i++) {
		if (path_under(path, config->shared.items[i]) && realpath(path, real) &&
		    path_under(real, config->shared.items[i]))
			return true;
	}
	return false;
}

/* Two hosts that share a file see it under the same inode number. */
static bool may_be_same_file(const struct manifest_disk *known, const char *path)
{
	struct stat st;

	return !known || !known->inode || (stat(path, &st) == 0 && st.st_ino == known->inode);
}

static int find_shared(const struct config *config, const struct manifest_disk *known,
		       const char *path, struct disk_facts *facts, struct err *err)
{
	int rc = 0;

	facts->shared = lies_in_shared_folder(config, path);
	if (!facts->shared && file_exists(path))
		rc = image_on_shared_storage(path, &facts->shared, err);
	facts->other_shared_file = facts->shared && !may_be_same_file(known, path);
	facts->shared = facts->shared && !facts->other_shared_file;
	return rc;
}

/* A read-only image is not copied, so it must have the very content that it has on the source. */
static void compare_content(const struct site *site, const struct domain *domain,
			    const struct manifest_disk *known, const char *path,
			    struct disk_facts *facts)
{
	struct err err;

	if (!known || !known->readonly || facts->shared || !file_exists(path))
		return;
	if (base_image_compare(site, domain, known, path, &err) < 0)
		facts->content = err;
}

/* Images are made below the roots alone; those that are only read may also lie in the base folders.
 */
static void check_roots(const struct config *config, const struct domain_disk *disk,
			const char *path, struct disk_facts *facts)
{
	struct names folders = {0};
	struct err err;

	folders.items = xcalloc(config->roots.count + config->base.count + config->shared.count,
				sizeof(char *));
	for (size_t i = 0; i < config->roots.count; i++)
		folders.items[folders.count++] = config->roots.items[i];
	for (size_t i = 0; i < config->shared.count; i++)
		folders.items[folders.count++] = config->shared.items[i];
	for (size_t i = 0; !disk_is_copied(disk) && i < config->base.count; i++)
		folders.items[folders.count++] = config->base.items[i];
	if (roots_check(path, (const char *const *)folders.items, folders.count, &err) < 0)
		facts->roots = err;
	free(folders.items);
}

static int look_at_file_disk(const struct site *site, const struct config *config,
			     const struct domain *domain, const struct domain_disk *disk,
			     const char *path, struct disk_facts *facts, struct err *err)
{
	const struct manifest_disk *known = manifest_find_disk(domain->manifest, disk->target);
	cleanup_image_record struct image_record *record = NULL;

	check_roots(config, disk, path, facts);
	if (facts->roots.code)
		return 0;
	int rc = image_record_load(site, domain->uuid, &record, err);
	if (rc == 0)
		rc = find_shared(config, known, path, facts, err);
	if (rc < 0)
		return rc;
	find_departed(record, path, facts);
	find_missing_folders(facts, path);
	compare_content(site, domain, known, path, facts);
	if (known && disk_is_copied(disk) && (!file_exists(path) || facts->departed))
		base_images_find(site, config, domain, known, facts);
	return 0;
}

static int look_at_disk(const struct site *site, const struct config *config,
			const struct domain *domain, size_t index, struct facts *facts,
			struct err *err)
{
	const struct domain_disk *disk = &domain->disks[index];

	facts->disks[index].filesystem = -1;
	if (disk->place < 0 || (disk->type != DISK_FILE && disk->type != DISK_BLOCK))
		return 0;
	int rc = disk->type == DISK_FILE ? look_at_file_disk(site, config, domain, disk,
							     facts->places[disk->place].here,
							     &facts->disks[index], err)
					 : survey_volume(site, config, domain, disk,
							 &facts->disks[index].volume, err);
	return rc < 0 ? err_wrap(err, "disk '%s'", disk->target) : 0;
}

int survey_make(const struct site *site, const struct config *config, const struct domain *domain,
		struct facts **ret, struct err *err)
{
	cleanup_facts struct facts *facts = xcalloc(1, sizeof(*facts));
	int rc = 0;

	facts->place_count = domain->place_count;
	facts->places = xcalloc(facts->place_count, sizeof(*facts->places));
	facts->disk_count = domain->disk_count;
	facts->disks = xcalloc(facts->disk_count, sizeof(*facts->disks));
	for (size_t i = 0; i < domain->place_count; i++)
		look_at_place(site, config, &domain->places[i], &facts->places[i]);
	for (size_t i = 0; i < domain->disk_count && rc == 0; i++)
		rc = look_at_disk(site, config, domain, i, facts, err);
	if (rc < 0)
		return rc;
	facts->gate = gate_is_active(site, 0);
	if (domain->policy)
		survey_uplink(site, config, &facts->network);
	*ret = steal_pointer(facts);
	return 0;
}

static void disk_facts_clear(struct disk_facts *facts)
{
	for (size_t i = 0; i < facts->missing_folder_count; i++)
		free(facts->missing_folders[i]);
	for (size_t i = 0; i < facts->chain_count; i++) {
		free(facts->chain[i].path);
		free(facts->chain[i].format);
	}
	free(facts->missing_folders);
	free(facts->chain);
	volume_facts_clear(&facts->volume);
}

void facts_freep(struct facts **ref)
{
	struct facts *facts = *ref;

	if (!facts)
		return;
	for (size_t i = 0; i < facts->place_count; i++)
		free(facts->places[i].here);
	for (size_t i = 0; i < facts->disk_count; i++)
		disk_facts_clear(&facts->disks[i]);
	for (size_t i = 0; i < facts->filesystem_count; i++)
		free(facts->filesystems[i].path);
	free(facts->network.uplink_bridge);
	free(facts->places);
	free(facts->disks);
	free(facts->filesystems);
	free(facts);
	*ref = NULL;
}
