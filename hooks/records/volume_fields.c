/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A volume in fields and in the manifest: both hold the same words. */
#include "hooks/records/volume_fields.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* With one blank between them; NULL where there is none. */
static char *join_portals(const struct volume *volume)
{
	struct strbuf text = {0};

	if (volume->portal_count == 0)
		return NULL;
	for (size_t i = 0; i < volume->portal_count; i++)
		strbuf_printf(&text, "%s%s", i ? " " : "", volume->portals[i]);
	return strbuf_steal(&text);
}

static bool split_portals(struct volume *volume, const char *text)
{
	cleanup_free char *copy = xstrdup(text);
	char *rest = copy, *portal;

	while (copy && (portal = strsep(&rest, " "))) {
		if (*portal == '\0' || volume->portal_count == VOLUME_MAX_PORTALS)
			return false;
		volume->portals[volume->portal_count++] = xstrdup(portal);
	}
	return true;
}

_Static_assert(VOLUME_MAX_PORTALS == MANIFEST_MAX_PORTALS, "all of a volume's portals travel");

static char *speakable(const char *text)
{
	return volume_identity_is_speakable(text) ? xstrdup(text) : NULL;
}

static bool is_whole(const struct volume *volume)
{
	return volume->kind != VOLUME_ISCSI || (volume->portal_count > 0 && volume->iqn);
}

struct manifest_volume volume_to_manifest(const struct volume *volume, const char *target,
					  const char *path)
{
	return (struct manifest_volume){
		.target = xstrdup(target),
		.path = xstrdup(path),
		.driver = xstrdup(volume_kind_name(volume->kind)),
		.portals = join_portals(volume),
		.iqn = xstrdup(volume->iqn),
		.lun = volume->lun,
		.shelf = volume->shelf,
		.slot = volume->slot,
		.multipath = volume->multipath,
		.wwn = speakable(volume->wwn),
		.serial = speakable(volume->serial),
		.size_bytes = volume->size_bytes,
	};
}

/* What it says of itself, not looked at any further: only the driver knows what is right. */
static int take(const struct manifest_volume *known, struct volume *ret)
{
	int kind = known->driver ? volume_kind_find(known->driver) : -1;
	cleanup_volume struct volume volume = {0};

	if (kind < 0)
		return -EINVAL;
	volume = (struct volume){
		.kind = (enum volume_kind)kind,
		.iqn = xstrdup(known->iqn),
		.lun = known->lun,
		.shelf = known->shelf,
		.slot = known->slot,
		.multipath = known->multipath,
		.wwn = xstrdup(known->wwn),
		.serial = xstrdup(known->serial),
		.size_bytes = known->size_bytes,
	};
	if (!split_portals(&volume, known->portals) || !is_whole(&volume))
		return -EINVAL;
	*ret = volume;
	volume = (struct volume){0};
	return 0;
}

int volume_of_manifest(const struct manifest_volume *known, struct volume *ret, struct err *err)
{
	if (take(known, ret) < 0)
		return err_set(
			err, EINVAL,
			"the guest's manifest has a volume of kind '%s' that this berth does "
			"not know how to attach; use the same version of berth on all hosts",
			known->driver ? known->driver : "?");
	return 0;
}

void volume_fields_put(struct strbuf *out, const struct volume *volume)
{
	cleanup_free char *portals = join_portals(volume), *wwn = speakable(volume->wwn),
			  *serial = speakable(volume->serial);

	field_put(out, "driver", volume_kind_name(volume->kind));
	if (volume->kind == VOLUME_ISCSI) {
		field_put(out, "portals", portals);
		field_put(out, "iqn", volume->iqn);
		field_put_u64(out, "lun", volume->lun);
	} else {
		field_put_u64(out, "shelf", volume->shelf);
		field_put_u64(out, "slot", volume->slot);
	}
	if (volume->multipath)
		field_put_u64(out, "multipath", 1);
	field_put(out, "wwn", wwn);
	field_put(out, "serial", serial);
	if (volume->size_bytes)
		field_put_u64(out, "size-bytes", volume->size_bytes);
}

int volume_fields_get(const struct fields *line, struct volume *ret)
{
	uint64_t shelf = 0, slot = 0, multipath = 0;
	struct manifest_volume known = {
		.driver = (char *)field(line, "driver"),
		.portals = (char *)field(line, "portals"),
		.iqn = (char *)field(line, "iqn"),
		.wwn = (char *)field(line, "wwn"),
		.serial = (char *)field(line, "serial"),
	};

	field_u64(line, "lun", &known.lun);
	field_u64(line, "shelf", &shelf);
	field_u64(line, "slot", &slot);
	field_u64(line, "multipath", &multipath);
	field_u64(line, "size-bytes", &known.size_bytes);
	if (shelf > UINT_MAX || slot > UINT_MAX)
		return -EBADMSG;
	known.shelf = (unsigned)shelf;
	known.slot = (unsigned)slot;
	known.multipath = multipath != 0;
	return take(&known, ret) < 0 ? -EBADMSG : 0;
}
