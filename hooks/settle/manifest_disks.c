/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Describing disks one by one, so that one that can't be described keeps no other from moving. */
#include "hooks/settle/manifest_disks.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "hooks/plan/plan.h"
#include "hooks/records/volume_fields.h"
#include "storage/digest.h"
#include "storage/image.h"

static int digest_into(const struct site *site, struct manifest_image *image, struct err *err)
{
	cleanup_free char *store = xasprintf("%s/digests", site->state);
	cleanup_image_identity struct image_identity identity = {0};

	int rc = image_identity(store, image->path, image->format, &identity, err);
	if (rc == 0)
		image->digest = xstrdup(identity.digest);
	return rc;
}

static struct manifest_image image_of(const struct image *image)
{
	return (struct manifest_image){
		.path = xstrdup(image->path),
		.format = xstrdup(image->format),
		.virtual_bytes = image->virtual_bytes,
	};
}

static int describe_chain(const struct site *site, const struct image_chain *chain,
			  struct manifest_disk *ret, struct err *err)
{
	int rc = 0;

	ret->image = image_of(&chain->images[0]);
	ret->allocated_bytes = chain->images[0].allocated_bytes;
	ret->backing = xcalloc(chain->count, sizeof(*ret->backing));
	if (ret->readonly)
		rc = digest_into(site, &ret->image, err);
	for (size_t i = 1; i < chain->count && rc == 0; i++) {
		ret->backing[ret->backing_count] = image_of(&chain->images[i]);
		rc = digest_into(site, &ret->backing[ret->backing_count++], err);
	}
	return rc;
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* What berth could not make elsewhere, as the domain XML has it. */
static int check_kind(const struct domain_disk *disk, struct err *err)
{
	if (!disk_is_copied(disk))
		return 0;
	if (disk->encrypted)
		return err_set(err, ENOTSUP, DISK_IS_ENCRYPTED);
	if (disk->sliced)
		return err_set(err, ENOTSUP, DISK_IS_SLICED);
	return 0;
}

static int describe_disk(const struct site *site, const struct domain *domain,
			 const struct domain_disk *disk, struct manifest_disk *ret, struct err *err)
{
	const char *format = disk->format ? disk->format : "raw";
	cleanup_image_chain struct image_chain chain = {0};

	int rc = check_kind(disk, err);
	if (rc == 0)
		rc = image_chain_inspect(domain->places[disk->place].value, format, &chain, err);
	if (rc < 0)
		return rc;
	if (chain.images[0].encrypted)
		return err_set(err, ENOTSUP, DISK_IS_ENCRYPTED);
	ret->target = xstrdup(disk->target);
	ret->readonly = disk->readonly;
	ret->inode = inode_of(chain.images[0].path);
	return describe_chain(site, &chain, ret, err);
}

/* A block device that is no volume is the host's own, and the manifest has nothing to say of it. */
static int describe_volume(const struct domain *domain, const struct domain_disk *disk,
			   struct manifest *ret, struct err *err)
{
	const char *path = domain->places[disk->place].value;
	cleanup_volume struct volume volume = {0};

	int rc = volume_of_device(path, &volume, err);
	if (rc <= 0)
		return rc;
	ret->volumes[ret->volume_count++] = volume_to_manifest(&volume, disk->target, path);
	return 0;
}

static int add_disk(const struct site *site, const struct domain *domain,
		    const struct domain_disk *disk, struct manifest *manifest, struct err *err)
{
	struct manifest_disk described = {0};

	if (disk->type == DISK_BLOCK)
		return describe_volume(domain, disk, manifest, err);
	int rc = describe_disk(site, domain, disk, &described, err);
	if (rc < 0)
		manifest_disk_clear(&described);
	else
		manifest->disks[manifest->disk_count++] = described;
	return rc;
}

void manifest_add_disks(const struct site *site, const struct domain *domain,
			struct manifest *manifest)
{
	struct err err;

	manifest->disks = xcalloc(domain->disk_count, sizeof(*manifest->disks));
	manifest->volumes = xcalloc(domain->disk_count, sizeof(*manifest->volumes));
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->place < 0 || (disk->type != DISK_FILE && disk->type != DISK_BLOCK))
			continue;
		if (add_disk(site, domain, disk, manifest, &err) < 0)
			manifest_add_problem(manifest, disk->target, err.text);
	}
}
