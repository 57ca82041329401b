/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A volume in a line of fields, for the journal and the volume records; and in the manifest. */
#ifndef BERTH_HOOKS_RECORDS_VOLUME_FIELDS_H
#define BERTH_HOOKS_RECORDS_VOLUME_FIELDS_H

#include "base/err.h"
#include "base/strbuf.h"
#include "hooks/records/fields.h"
#include "storage/volume.h"
#include "xml/manifest.h"

/* volume_fields_put() - appends the volume's fields: driver=iscsi, portals=, iqn=, lun=, ... */
void volume_fields_put(struct strbuf *out, const struct volume *volume);

/* volume_fields_get() - Return: 0 and *@ret, which the caller clears; -EBADMSG. */
int volume_fields_get(const struct fields *line, struct volume *ret);

/**
 * volume_of_manifest() - what the manifest says of a volume
 * @ret: on success to be cleared with volume_clear()
 *
 * Return: 0; -EINVAL: what it says is no volume that this berth knows.
 */
int volume_of_manifest(const struct manifest_volume *known, struct volume *ret, struct err *err);

/* volume_to_manifest() - the same for the manifest; what the answer points to the caller's manifest
 * frees. */
struct manifest_volume volume_to_manifest(const struct volume *volume, const char *target,
					  const char *path);

#endif
