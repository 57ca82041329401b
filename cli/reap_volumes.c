/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth reap: volumes of guests that are gone. */
#include "cli/reap_volumes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hooks/journal/journal.h"
#include "hooks/records/site.h"
#include "hooks/volumes/guest_volume.h"

/* A guest that is being started has its volumes before libvirt calls it active. */
#define QUIET_S 10

static bool is_meant(const struct options *options, const struct volume_record *record)
{
	return !options->guest || strcmp(options->guest, record->uuid) == 0 ||
	       str_equal(options->guest, record->name);
}

static const char *name_of(const struct volume_record *record)
{
	return record->name ? record->name : record->uuid;
}

static bool is_forsaken(const struct known_volume *known, time_t asked)
{
	return known->state == VOLUME_ATTACHED && known->since + QUIET_S <= asked;
}

/* Whether libvirt and the journals know of no guest that has them. */
static int guest_is_gone(struct libvirt *libvirt, const char *uuid, bool *ret, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;
	enum guest_state state;

	int rc = guest_get_state(libvirt, uuid, &state, err);
	if (rc == 0)
		rc = journal_peek(&this_site, uuid, &journal, err);
	if (rc < 0)
		return rc;
	*ret = !journal && (state == GUEST_ABSENT || state == GUEST_INACTIVE);
	return 0;
}

/* What is noted as attached although nobody has it is to be taken away as well. */
static int note_forsaken(struct libvirt *libvirt, const char *uuid, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	time_t asked = time(NULL);
	bool gone = false, changed = false;

	int rc = guest_is_gone(libvirt, uuid, &gone, err);
	if (rc < 0 || !gone)
		return rc;
	cleanup_close int lock = volume_record_open(&this_site, uuid, &record, err);
	if (lock < 0)
		return lock;
	for (size_t i = 0; i < record->count; i++) {
		if (!is_forsaken(&record->volumes[i], asked))
			continue;
		volume_record_set_state(&record->volumes[i], VOLUME_RELEASING);
		changed = true;
	}
	return changed ? volume_record_save(&this_site, record, err) : 0;
}

static bool has_pending(const struct volume_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		if (known_volume_is_pending(&record->volumes[i]))
			return true;
	}
	return false;
}

/* Return: 1: there was something to take away; 0: there wasn't; or a negative errno. */
static int reap_record(const struct options *options, const struct config *config,
		       struct libvirt *libvirt, const char *uuid, int *failed, struct err *err)
{
	cleanup_volume_record struct volume_record *before = NULL, *record = NULL;
	struct volume_guest guest = {.site = &this_site, .config = config, .uuid = uuid};

	int rc = volume_record_load(&this_site, uuid, &before, err);
	if (rc < 0 || !is_meant(options, before))
		return rc;
	rc = libvirt ? note_forsaken(libvirt, uuid, err) : 0;
	if (rc == 0)
		rc = volume_record_load(&this_site, uuid, &record, err);
	if (rc < 0 || !has_pending(record))
		return rc;
	guest.name = record->name;
	volume_guest_start_clock(&guest);
	rc = guest_volumes_release(&guest, err);
	if (rc < 0)
		return rc;
	*failed += rc > 0;
	if (rc > 0)
		fprintf(stderr,
			"berth: %s: %d volume%s could not be released yet; the system log has "
			"why\n",
			name_of(record), rc, rc == 1 ? "" : "s");
	else if (!options->quiet)
		printf("%s: its volumes are released\n", name_of(record));
	return 1;
}

int reap_volumes(const struct options *options, const struct config *config,
		 struct libvirt *libvirt, int *failed, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;
	int reaped = 0;

	int rc = volume_record_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count; i++) {
		struct err one;
		int done = reap_record(options, config, libvirt, uuids[i], failed, &one);
		reaped += done > 0;
		if (done < 0) {
			fprintf(stderr, "berth: %s: volumes: %s\n", uuids[i], one.text);
			(*failed)++;
		}
	}
	site_free_uuids(uuids, count);
	return rc < 0 ? rc : reaped;
}

/* --- forgetting --- */

static int forget(const char *uuid, const struct options *options, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	cleanup_close int lock = volume_record_open(&this_site, uuid, &record, err);

	if (lock < 0)
		return lock;
	if (!is_meant(options, record))
		return 0;
	for (size_t i = record->count; i > 0; i--) {
		const struct known_volume *known = &record->volumes[i - 1];
		if (known->state != VOLUME_DETACHED)
			return err_set(err, EBUSY,
				       "%s: disk '%s' is %s; stop the guest, and run 'berth reap' "
				       "where that is not enough",
				       name_of(record), known->target,
				       volume_state_name(known->state));
	}
	while (record->count > 0)
		volume_record_drop(record, record->volumes[0].target);
	int rc = volume_record_save(&this_site, record, err);
	return rc < 0 ? rc : 1;
}

int reap_forget(const struct options *options, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;
	int found = 0;

	int rc = volume_record_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		cleanup_volume_record struct volume_record *record = NULL;
		struct err unread;
		/* Another guest's record that can't be read is not what is to be forgotten. */
		if (strcmp(uuids[i], options->guest) != 0 &&
		    volume_record_load(&this_site, uuids[i], &record, &unread) < 0) {
			fprintf(stderr, "berth: %s: %s; passed over\n", uuids[i], unread.text);
			continue;
		}
		rc = forget(uuids[i], options, err);
		found += rc > 0;
	}
	site_free_uuids(uuids, count);
	if (rc < 0)
		return rc;
	if (!options->quiet)
		puts(found ? "forgotten" : "nothing is known of its volumes here");
	return EXIT_DONE;
}
