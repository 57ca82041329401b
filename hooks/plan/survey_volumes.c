/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survey's part about volumes. */
#include "hooks/plan/survey.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "hooks/records/volume_fields.h"
#include "hooks/volumes/guest_volume.h"

static void look_at_manifest(const struct manifest_volume *known, struct volume_facts *facts)
{
	struct err err;

	facts->source = VOLUME_BY_MANIFEST;
	if (volume_of_manifest(known, &facts->volume, &err) < 0)
		facts->error = err;
}

static int find_users(const char *path, struct volume_facts *facts, struct err *err)
{
	cleanup_strbuf struct strbuf users = {0};

	int rc = volume_users(path, &users, err);
	if (rc > 0)
		facts->users = strbuf_steal(&users);
	/* It may have gone since it was found; then nobody uses it. */
	return rc < 0 && rc != -ENOENT && rc != -ENOTBLK ? rc : 0;
}

static int look_at_host(const struct site *site, const struct config *config,
			struct volume_facts *facts, struct err *err)
{
	struct volume_guest guest = {.site = site, .config = config};
	cleanup_free char *state = NULL, *device = NULL;
	struct volume_host host;
	struct err why;

	volume_guest_start_clock(&guest);
	int rc = volume_guest_host(&guest, &host, &state, err);
	if (rc < 0)
		return rc;
	if (volume_check(&facts->volume, &host, &why) < 0)
		facts->check = why;
	rc = volume_find(&facts->volume, &device, &why);
	if (rc < 0)
		facts->found = why;
	facts->attached = rc > 0;
	return rc > 0 ? find_users(device, facts, err) : 0;
}

int survey_volume(const struct site *site, const struct config *config, const struct domain *domain,
		  const struct domain_disk *disk, struct volume_facts *facts, struct err *err)
{
	const struct manifest_volume *known = manifest_find_volume(domain->manifest, disk->target);

	if (known)
		look_at_manifest(known, facts);
	else if (volume_of_name(domain->places[disk->place].value, &facts->volume) == 1)
		facts->source = VOLUME_BY_NAME;
	if (facts->source != VOLUME_BY_MANIFEST || facts->error.code)
		return 0;
	return look_at_host(site, config, facts, err);
}

void volume_facts_clear(struct volume_facts *facts)
{
	volume_clear(&facts->volume);
	free(facts->users);
}
