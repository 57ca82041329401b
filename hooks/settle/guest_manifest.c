/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest of a running guest: made, and put into its metadata where it is news. */
#include "hooks/settle/guest_manifest.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "hooks/plan/image_copies.h"
#include "hooks/records/volume_fields.h"
#include "hooks/records/volume_record.h"
#include "hooks/settle/manifest_disks.h"
#include "xml/domain.h"
#include "xml/manifest.h"

static void set_time(struct manifest *manifest)
{
	time_t now = time(NULL);
	char text[32];
	struct tm utc;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	manifest->written = xstrdup(text);
}

static void describe(const struct site *site, const struct config *config,
		     const struct domain *domain, struct manifest *ret)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	ret->host = xstrdup(host);
	ret->uri = xstrdup(config->uri);
	manifest_add_disks(site, domain, ret);
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

/* While a guest migrates, libvirt lets whoever changes its metadata wait for 30 s, and then refuses
 * the change. */
static int check_stays(struct libvirt *libvirt, const char *uuid, struct err *err)
{
	int rc = guest_is_leaving(libvirt, uuid, err);

	return rc <= 0 ? rc
		       : err_set(err, EBUSY,
				 "is migrating to another host; wait until that has ended");
}

static int write_news(struct libvirt *libvirt, const struct domain *domain,
		      struct manifest *manifest, struct err *err)
{
	cleanup_strbuf struct strbuf element = {0};

	if (manifest->disk_count + manifest->volume_count + manifest->problem_count == 0 ||
	    !is_news(domain->manifest, manifest))
		return 0;
	int rc = check_stays(libvirt, domain->uuid, err);
	if (rc < 0)
		return rc;
	set_time(manifest);
	manifest_format(manifest, &element);
	rc = guest_set_metadata(libvirt, domain->uuid, element.text, MANIFEST_KEY, MANIFEST_URI,
				err);
	return rc < 0 ? rc : 1;
}

static int check_runs(struct libvirt *libvirt, const char *uuid, struct err *err)
{
	enum guest_state state;

	int rc = guest_get_state(libvirt, uuid, &state, err);
	if (rc < 0)
		return rc;
	/* At the end of a migration the guest looks the same at its source, paused, as one that
	 * arrives. */
	if (state == GUEST_COMING)
		rc = check_stays(libvirt, uuid, err);
	if (rc < 0)
		return rc;
	if (state == GUEST_COMING)
		return err_set(err, EAGAIN,
			       "is on its way to this host; wait until it has arrived");
	if (state != GUEST_HERE)
		return err_set(
			err, ENOENT,
			"doesn't run on this host: a manifest is for a guest that runs, and "
			"libvirt moves no storage of one that is shut off; start it to migrate "
			"it");
	return 0;
}

/* --- the volume record --- */

/* A volume that the manifest doesn't have was unplugged, unless the manifest has a problem in its
 * place. */
static void note_unplugged(struct volume_record *record, const struct manifest *manifest)
{
	for (size_t i = 0; i < record->count; i++) {
		struct known_volume *known = &record->volumes[i];
		if (known->state == VOLUME_ATTACHED &&
		    !manifest_find_volume(manifest, known->target) &&
		    !manifest_find_problem(manifest, known->target))
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

/* The manifest is written, without these disks. `berth sync` fails all the same, so that whoever
 * calls it knows before the migration. */
static int say_problems(const struct manifest *manifest, struct err *err)
{
	const struct manifest_problem *first = &manifest->problems[0];

	if (manifest->problem_count > 1)
		return err_set(err, EOPNOTSUPP, "disk '%s': %s (and so %zu more disks)",
			       first->target, first->text, manifest->problem_count - 1);
	return err_set(err, EOPNOTSUPP, "disk '%s': %s", first->target, first->text);
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
	if (rc < 0)
		return rc;
	describe(site, config, domain, manifest);
	rc = record_volumes(site, libvirt, domain, manifest, err);
	if (rc == 0)
		rc = image_copies_note(site, config, domain, manifest, err);
	if (rc == 0)
		rc = write_news(libvirt, domain, manifest, err);
	return rc >= 0 && manifest->problem_count > 0 ? say_problems(manifest, err) : rc;
}
