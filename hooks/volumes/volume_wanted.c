/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which volume a disk is meant to be, and which names say so. */
#include "hooks/volumes/guest_volume.h"

#include <string.h>

#include "base/strbuf.h"
#include "hooks/records/volume_fields.h"

/* What both know of the same volume: the names of its target, and how it is to be recognized. */
static bool agrees(const struct volume *known, const char *path, const char *known_path)
{
	cleanup_volume struct volume named = {0};

	if (volume_of_name(path, &named) == 1)
		return volume_is_same(&named, known);
	return str_equal(path, known_path) || volume_name_is_stable(path, known);
}

static int wanted_by_record(const struct domain_disk *disk, const char *path,
			    const struct volume_record *record, struct volume *ret)
{
	const struct known_volume *known = volume_record_find(record, disk->target);

	if (!known || !agrees(&known->volume, path, known->path))
		return 0;
	*ret = volume_copy(&known->volume);
	return 1;
}

static int wanted_by_manifest(const struct domain *domain, const struct domain_disk *disk,
			      const char *path, struct volume *ret)
{
	const struct manifest_volume *known = manifest_find_volume(domain->manifest, disk->target);
	cleanup_volume struct volume volume = {0};
	struct err err;

	if (!known || volume_of_manifest(known, &volume, &err) < 0 ||
	    !agrees(&volume, path, known->path))
		return 0;
	*ret = volume;
	volume = (struct volume){0};
	return 1;
}

int volume_wanted(const struct domain *domain, const struct domain_disk *disk,
		  const struct volume_record *record, struct volume *ret)
{
	if (disk->type != DISK_BLOCK || disk->place < 0)
		return 0;
	const char *path = domain->places[disk->place].value;
	if (wanted_by_manifest(domain, disk, path, ret) ||
	    wanted_by_record(disk, path, record, ret))
		return 1;
	return volume_of_name(path, ret) == 1;
}

/* "naa.6001405..." or "36001405...": the digits behind the kind of name. */
static const char *wwn_digits(const char *wwn)
{
	if (str_starts(wwn, "naa."))
		return wwn + 4;
	return wwn[0] == '3' ? wwn + 1 : NULL;
}

static bool is_link_by_wwn(const char *path, const char *wwn)
{
	const char *digits = wwn_digits(wwn);

	if (!digits || *digits == '\0')
		return false;
	cleanup_free char *by_wwn = xasprintf("/dev/disk/by-id/wwn-0x%s", digits);
	cleanup_free char *by_scsi = xasprintf("/dev/disk/by-id/scsi-3%s", digits);
	cleanup_free char *by_map = xasprintf("/dev/disk/by-id/dm-uuid-mpath-3%s", digits);
	return strcmp(path, by_wwn) == 0 || strcmp(path, by_scsi) == 0 || strcmp(path, by_map) == 0;
}

bool volume_name_is_stable(const char *path, const struct volume *volume)
{
	cleanup_free char *usual = volume_stable_name(volume);
	cleanup_volume struct volume named = {0};

	if (str_equal(path, usual))
		return true;
	if (volume_of_name(path, &named) == 1)
		return volume_is_same(&named, volume);
	return volume->wwn && is_link_by_wwn(path, volume->wwn);
}
