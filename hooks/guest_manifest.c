/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest of a running guest: from the domain XML, the images' own headers, and sysfs. */
#include "hooks/guest_manifest.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "hooks/plan.h"
#include "hooks/volume_fields.h"
#include "hooks/volume_record.h"
#include "storage/digest.h"
#include "storage/image.h"
#include "xml/domain.h"
#include "xml/manifest.h"

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

static int describe_disk(const struct site *site, const struct domain *domain,
			 const struct domain_disk *disk, struct manifest_disk *ret, struct err *err)
{
	const char *format = disk->format ? disk->format : "raw";
	cleanup_image_chain struct image_chain chain = {0};

	int rc = image_chain_inspect(domain->places[disk->place].value, format, &chain, err);
	if (rc < 0)
		return err_wrap(err, "disk '%s'", disk->target);
	if (chain.images[0].encrypted)
		return err_set(err, ENOTSUP,
			       "disk '%s': '%s' is encrypted, and berth makes no encrypted images; "
			       "encrypt inside the guest instead",
			       disk->target, chain.images[0].path);
	ret->target = xstrdup(disk->target);
	ret->readonly = disk->readonly;
	ret->inode = inode_of(chain.images[0].path);
	rc = describe_chain(site, &chain, ret, err);
	return rc < 0 ? err_wrap(err, "disk '%s'", disk->target) : 0;
}

/* A block device that is no volume is the host's own, and the manifest has nothing to say of it. */
static int describe_volume(const struct domain *domain, const struct domain_disk *disk,
			   struct manifest *ret, struct err *err)
{
	const char *path = domain->places[disk->place].value;
	cleanup_volume struct volume volume = {0};

	int rc = volume_of_device(path, &volume, err);
	if (rc <= 0)
		return rc < 0 ? err_wrap(err, "disk '%s'", disk->target) : 0;
	ret->volumes[ret->volume_count++] = volume_to_manifest(&volume, disk->target, path);
	return 0;
}

static void set_time(struct manifest *manifest)
{
	time_t now = time(NULL);
	char text[32];
	struct tm utc;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	manifest->written = xstrdup(text);
}

static int describe(const struct site *site, const struct config *config,
		    const struct domain *domain, struct manifest *ret, struct err *err)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	ret->host = xstrdup(host);
	ret->uri = xstrdup(config->uri);
	ret->disks = xcalloc(domain->disk_count, sizeof(*ret->disks));
	ret->volumes = xcalloc(domain->disk_count, sizeof(*ret->volumes));
	int rc = 0;
	for (size_t i = 0; i < domain->disk_count && rc == 0; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->place >= 0 && disk->type == DISK_FILE)
			rc = describe_disk(site, domain, disk, &ret->disks[ret->disk_count++], err);
		else if (disk->place >= 0 && disk->type == DISK_BLOCK)
			rc = describe_volume(domain, disk, ret, err);
	}
	return rc;
}

/* Whether the guest's metadata says the same already, but for the time. */
static bool is_news(const struct manifest *had, const struct manifest *now)
{
	cleanup_strbuf struct strbuf old = {0}, new = {0};
	struct manifest undated = *now;

	if (!had)
		return true;
	undated.written = had->written;
	manifest_format(had, &old);
	manifest_format(&undated, &new);
	return strcmp(old.text, new.text) != 0;
}

static int write_news(struct libvirt *libvirt, const struct domain *domain,
		      struct manifest *manifest, struct err *err)
{
	cleanup_strbuf struct strbuf element = {0};

	if (manifest->disk_count + manifest->volume_count == 0 ||
	    !is_news(domain->manifest, manifest))
		return 0;
	set_time(manifest);
	manifest_format(manifest, &element);
	int rc = guest_set_metadata(libvirt, domain->uuid, element.text, MANIFEST_KEY, MANIFEST_URI,
				    err);
	return rc < 0 ? rc : 1;
}

static int check_runs(struct libvirt *libvirt, const char *uuid, struct err *err)
{
	enum guest_state state;

	int rc = guest_get_state(libvirt, uuid, &state, err);
	if (rc < 0)
		return rc;
	if (state == GUEST_COMING)
		return err_set(err, EAGAIN,
			       "is on its way to this host; wait until it has arrived");
	if (state != GUEST_HERE)
		return err_set(err, ENOENT, "doesn't run on this host; start it first");
	return 0;
}

/* --- the volume record --- */

/* A disk that was unplugged is not the guest's any more. */
static void note_unplugged(struct volume_record *record, const struct manifest *manifest)
{
	for (size_t i = 0; i < record->count; i++) {
		struct known_volume *known = &record->volumes[i];
		if (known->state == VOLUME_ATTACHED &&
		    !manifest_find_volume(manifest, known->target))
			volume_record_set_state(known, VOLUME_LEAVING);
	}
}

static int note_volumes(const struct site *site, const struct domain *domain,
			const struct manifest *manifest, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	cleanup_close int lock = volume_record_open(site, domain->uuid, &record, err);

	if (lock < 0)
		return lock;
	if (record->count + manifest->volume_count == 0)
		return 0;
	free(record->name);
	record->name = xstrdup(domain->name);
	note_unplugged(record, manifest);
	for (size_t i = 0; i < manifest->volume_count; i++) {
		const struct manifest_volume *known = &manifest->volumes[i];
		cleanup_volume struct volume volume = {0};
		int rc = volume_of_manifest(known, &volume, err);
		if (rc < 0)
			return rc;
		volume_record_note(record, known->target, known->path, &volume, VOLUME_ATTACHED);
	}
	return volume_record_save(site, record, err);
}

/* For the next start, and so that they go when the guest goes: which may have been just now. */
static int record_volumes(const struct site *site, struct libvirt *libvirt,
			  const struct domain *domain, const struct manifest *manifest,
			  struct err *err)
{
	enum guest_state state;

	int rc = note_volumes(site, domain, manifest, err);
	if (rc == 0)
		rc = guest_get_state(libvirt, domain->uuid, &state, err);
	if (rc == 0 && state != GUEST_HERE && state != GUEST_COMING)
		rc = volume_record_change(site, domain->uuid, VOLUME_ATTACHED, VOLUME_RELEASING,
					  err);
	return rc < 0 ? rc : 0;
}

int guest_manifest_write(const struct site *site, const struct config *config,
			 struct libvirt *libvirt, const char *uuid, struct err *err)
{
	cleanup_free char *xml = NULL;
	cleanup_domain struct domain *domain = NULL;
	cleanup_manifest struct manifest *manifest = xcalloc(1, sizeof(*manifest));

	int rc = check_runs(libvirt, uuid, err);
	if (rc == 0)
		rc = guest_xml(libvirt, uuid, false, &xml, err);
	if (rc == 0)
		rc = domain_parse(xml, strlen(xml), &domain, err);
	if (rc == -EINVAL) /* a wrong manifest is what we are here to replace */
		rc = domain_parse_without_manifest(xml, strlen(xml), &domain, err);
	if (rc == 0)
		rc = describe(site, config, domain, manifest, err);
	if (rc == 0)
		rc = record_volumes(site, libvirt, domain, manifest, err);
	return rc < 0 ? rc : write_news(libvirt, domain, manifest, err);
}
