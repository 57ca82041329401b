/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The survey.
 *
 * Facts are looked up for what the plan may ask: names that the mappings give, what is there under
 * them, whether a path stays inside the roots, whether a file there is this guest's own stale
 * image, and which local image has the identity that the manifest names.
 */
#include "hooks/plan/survey.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/plan/base_image.h"
#include "hooks/plan/image_copies.h"
#include "hooks/plan/plan.h"
#include "hooks/records/gate_mark.h"
#include "hooks/records/image_folders.h"
#include "hooks/records/image_mark.h"
#include "hooks/records/image_record.h"
#include "hooks/records/shared_storage.h"
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
	case PLACE_ARGUMENT:
		facts->present = true;
		break;
	case PLACE_LISTEN:
		facts->present = host_has_address(place->value);
		break;
	}
}

/* --- disks --- */

static void add_missing_folder(struct disk_facts *facts, const char *folder)
{
	facts->missing_folders = xreallocarray(facts->missing_folders,
					       facts->missing_folder_count + 1, sizeof(char *));
	facts->missing_folders[facts->missing_folder_count++] = xstrdup(folder);
}

static void find_missing_folders(struct disk_facts *facts, const char *path)
{
	cleanup_free char *folder = path_folder(path);

	for (char *slash = folder; slash && facts->missing_folder_count <= SURVEY_MAX_FOLDERS;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		/* Below a folder that is missing nothing is there. */
		if (facts->missing_folder_count > 0 || !file_exists(folder))
			add_missing_folder(facts, folder);
		if (slash)
			*slash = '/';
	}
}

static void find_departed(const struct image_record *record, const struct manifest_disk *known,
			  const char *path, struct disk_facts *facts)
{
	const struct known_image *image = image_record_find(record, path);
	struct err err;

	if (!image)
		return;
	if ((image->state == IMAGE_DEPARTED && known_image_check_stale(image, &err) == 0) ||
	    image_copy_is_superseded(image, known)) {
		facts->departed = true;
		facts->departed_id = image->id;
	}
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

	if (file_exists(path))
		rc = on_shared_storage(config, path, &facts->shared, err);
	facts->other_shared_file = facts->shared && !may_be_same_file(known, path);
	facts->shared = facts->shared && !facts->other_shared_file;
	return rc;
}

/* A read-only image is not copied, so it must have the very content that it has on the source. That
 * it is one says the domain, for QEMU goes by that, whatever the manifest says. */
static void compare_content(const struct site *site, const struct config *config,
			    const struct domain *domain, const struct domain_disk *disk,
			    const char *path, struct disk_facts *facts)
{
	const struct manifest_disk *known = manifest_find_disk(domain->manifest, disk->target);
	size_t count = known ? known->backing_count + 1 : 0;
	struct err err;

	if (!known || !disk->readonly || facts->shared || !file_exists(path))
		return;
	facts->compared = xcalloc(count, sizeof(*facts->compared));
	if (base_image_compare(site, config, domain, known, path, facts->compared, &err) < 0)
		facts->content = err;
	else
		facts->compared_count = count;
}

/* Images are made below the roots alone; those that are only read may also lie in the base folders,
 * and be links to there. */
static void check_roots(const struct config *config, const struct domain_disk *disk,
			const char *path, struct disk_facts *facts)
{
	bool made = disk_is_copied(disk);
	cleanup_folders struct folders folders =
		made ? image_folders(config) : image_folders_to_read(config);
	struct err err;

	int rc = made ? roots_check(path, folders.items, folders.count, &err)
		      : roots_check_to_read(path, folders.items, folders.count, &err);
	if (rc < 0)
		facts->roots = err;
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
	image_mark_adopt(record, path);
	find_departed(record, known, path, facts);
	find_missing_folders(facts, path);
	compare_content(site, config, domain, disk, path, facts);
	if (known && disk_is_copied(disk) && (!file_exists(path) || facts->departed))
		base_images_find(site, config, domain, known, facts);
	return 0;
}

/* Thousands of long paths would take gigabytes; other guests need that memory. */
static int count_folder_bytes(const struct disk_facts *disk, struct facts *facts, struct err *err)
{
	for (size_t i = 0; i < disk->missing_folder_count; i++)
		facts->folder_bytes += strlen(disk->missing_folders[i]) + 1;
	if (facts->folder_bytes <= SURVEY_MAX_FOLDER_BYTES)
		return 0;
	return err_set(err, E2BIG,
		       "the folders of the guest's images that are missing on this host have names "
		       "of more than %zu bytes together; make them, or map its paths in [paths] of "
		       "berth.conf",
		       SURVEY_MAX_FOLDER_BYTES);
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
	if (rc == 0)
		rc = count_folder_bytes(&facts->disks[index], facts, err);
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
	survey_names(domain, facts);
	facts->gate = gate_is_active(site, 0);
	if (domain->policy)
		host_network_find_uplink(site, config, &facts->network);
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
	free(facts->compared);
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
	for (size_t i = 0; i < facts->name_count; i++)
		name_facts_clear(&facts->names[i]);
	free(facts->names);
	for (size_t i = 0; i < facts->claimant_count; i++)
		free(facts->claimants[i]);
	free(facts->claimants);
	growth_clear(&facts->growth);
	free(facts->network.uplink_bridge);
	free(facts->places);
	free(facts->disks);
	free(facts->filesystems);
	free(facts);
	*ref = NULL;
}
