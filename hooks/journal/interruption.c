/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A migration to this host that a power cut has interrupted.
 *
 * What is certain: before `started` nothing has run; with the gate, nothing has run before it was
 * asked. Otherwise the guest may have come, run and written here, with nobody left who knows. Then
 * its images stay. That it runs elsewhere now makes them old, not worthless.
 */
#include "hooks/journal/interruption.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "hooks/journal/made_folder.h"
#include "base/boot_id.h"
#include "hooks/records/image_folders.h"
#include "hooks/records/image_record.h"
#include "storage/provision.h"

bool interruption_was(const struct journal *journal)
{
	cleanup_free char *now = NULL;
	struct err err;

	return journal->boot && boot_id(&now, &err) == 0 && strcmp(now, journal->boot) != 0;
}

bool interruption_is_harmless(const struct journal *journal)
{
	bool ran = journal->phase == PHASE_RAN ||
		   (journal->phase == PHASE_STARTED && (!journal->gated || journal->verified));

	return !ran && interruption_was(journal);
}

bool interruption_runs_elsewhere(const struct domain *domain)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	return domain->manifest && domain->manifest->host &&
	       strcmp(domain->manifest->host, host) != 0;
}

static int keep_image(const struct config *config, const struct journal *journal,
		      const struct step *step, struct image_record *record, struct err *err)
{
	cleanup_free char *suffix = xasprintf(".interrupted-%.8s", journal->token);
	cleanup_free char *aside = provision_name_beside(step->path, suffix);
	cleanup_folders struct folders roots = image_folders(config);

	int rc = provision_set_aside(step->path, &roots, aside, &step->id, err);
	/* Gone, or another file: nothing of ours is in the way. */
	if (rc == -ENOENT || rc == -ESTALE)
		return 0;
	if (rc == 0)
		rc = image_record_note(record, aside, IMAGE_ASIDE, true, err);
	if (rc < 0)
		return rc;
	made_folder_note(image_record_find(record, aside), made_folder_of(journal, step->path));
	log_note("%s: this host lost power while the guest came from host '%s'; it runs "
		 "elsewhere now, and what was here is kept as '%s'",
		 journal->name, journal->source ? journal->source : "?", aside);
	return 0;
}

int interruption_keep_images(const struct site *site, const struct config *config,
			     const struct journal *journal, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(site, journal->uuid, &record, err);
	int rc = 0;

	if (lock < 0)
		return lock;
	free(record->name);
	record->name = xstrdup(journal->name);
	for (size_t i = 0; i < journal->step_count && rc == 0; i++) {
		const struct step *step = &journal->steps[i].step;
		if (step->kind == STEP_IMAGE && step->has_id)
			rc = keep_image(config, journal, step, record, err);
	}
	return rc < 0 ? rc : image_record_save(site, record, err);
}
