/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One volume of one guest.
 *
 * Theory of operation: a guest's volume record says that the guest has a volume before anything is
 * done to bring it. Whoever takes a volume away holds the volume's lock and looks at the records of
 * all guests; whoever brings one notes it first, then takes the lock. So a volume that is noted
 * while another process takes it away is brought again, and one that is noted before that stays.
 *
 * What could not be taken away stays noted as releasing or leaving, for the next one who tries.
 */
#include "hooks/volumes/guest_volume.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/parallel.h"
#include "base/strbuf.h"
#include "hooks/records/volume_lock.h"

int volume_describe_error(const struct volume *volume, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};

	volume_describe(volume, &text);
	/* The driver may have said it already. */
	return strstr(err->text, text.text) ? -err->code : err_wrap(err, "%s", text.text);
}

void volume_guest_start_clock(struct volume_guest *guest)
{
	guest->deadline_ms =
		volume_deadline_in(guest->config ? guest->config->volume_timeout_s * 1000 : 0);
}

int volume_guest_host(const struct volume_guest *guest, struct volume_host *ret, char **state,
		      struct err *err)
{
	if (!guest->config)
		return err_set(err, EINVAL,
			       "there is a mistake in berth.conf; mend it, then run 'berth reap'");
	*state = xasprintf("%s/attached", guest->site->state);
	*ret = (struct volume_host){
		.state = *state,
		.secrets = guest->site->secrets,
		.config = guest->config,
		.deadline_ms = guest->deadline_ms,
	};
	return 0;
}

/* --- attach --- */

static int note_attached(const struct volume_guest *guest, const char *target, const char *path,
			 const struct volume *volume, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	cleanup_close int lock = volume_record_open(guest->site, guest->uuid, &record, err);

	if (lock < 0)
		return lock;
	free(record->name);
	record->name = xstrdup(guest->name);
	volume_record_note(record, target, path, volume, VOLUME_ATTACHED);
	return volume_record_save(guest->site, record, err);
}

/* Writing the same again would only cost the time of syncing it. `berth reap` gives a guest its
 * time to become active from its note on: of one that arrives a journal keeps reap away; and the
 * note of a start, which leaves out the size of what has a name of its own, is always written
 * again. */
static bool is_noted(const struct volume_guest *guest, const char *target, const char *path,
		     const struct volume *volume)
{
	cleanup_volume_record struct volume_record *record = NULL;
	struct err unread;

	if (volume_record_load(guest->site, guest->uuid, &record, &unread) < 0)
		return false;
	const struct known_volume *known = volume_record_find(record, target);
	return known && known->state == VOLUME_ATTACHED && str_equal(known->path, path) &&
	       volume_is_same(&known->volume, volume) &&
	       str_equal(known->volume.wwn, volume->wwn) &&
	       str_equal(known->volume.serial, volume->serial) &&
	       known->volume.size_bytes == volume->size_bytes;
}

/* What the device calls itself is how it is recognized next time; volume_attach() has compared it
 * with what was known before. */
static int note_identity(const struct volume_guest *guest, const char *target, const char *path,
			 const char *name, const struct volume *volume, struct err *err)
{
	cleanup_volume struct volume there = {0}, known = volume_copy(volume);
	struct err unknown;

	if (volume_of_device(name, &there, &unknown) <= 0)
		return 0;
	free(known.wwn);
	free(known.serial);
	known.wwn = steal_pointer(there.wwn);
	known.serial = steal_pointer(there.serial);
	known.size_bytes = there.size_bytes;
	return is_noted(guest, target, path, &known)
		       ? 0
		       : note_attached(guest, target, path, &known, err);
}

int guest_volume_attach(const struct volume_guest *guest, const char *target, const char *path,
			const char *wait_for, const struct volume *volume, struct err *err)
{
	cleanup_free char *state = NULL;
	struct volume_host host;

	int rc = volume_guest_host(guest, &host, &state, err);
	if (rc == 0)
		rc = note_attached(guest, target, path, volume, err);
	if (rc < 0)
		return rc;
	cleanup_close int lock = volume_lock(guest->site, volume, guest->deadline_ms, err);
	rc = lock < 0 ? lock : volume_attach(volume, &host, wait_for, err);
	if (rc < 0)
		return volume_describe_error(volume, err);
	return note_identity(guest, target, path, wait_for, volume, err);
}

/* --- release --- */

/* Return: 1 and *@ret where the volume is noted as to be taken away; 0: it isn't. */
static int find_pending(const struct volume_guest *guest, const char *target, struct volume *ret,
			struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;

	int rc = volume_record_load(guest->site, guest->uuid, &record, err);
	if (rc < 0)
		return rc;
	const struct known_volume *known = volume_record_find(record, target);
	if (!known || !known_volume_is_pending(known))
		return 0;
	*ret = volume_copy(&known->volume);
	return 1;
}

/* The guest may have come back meanwhile: then the note is its own again. */
static int note_released(const struct volume_guest *guest, const char *target, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	cleanup_close int lock = volume_record_open(guest->site, guest->uuid, &record, err);

	if (lock < 0)
		return lock;
	struct known_volume *known = volume_record_find(record, target);
	if (!known || !known_volume_is_pending(known))
		return 0;
	if (known->state == VOLUME_LEAVING)
		volume_record_drop(record, target);
	else
		volume_record_set_state(known, VOLUME_DETACHED);
	return volume_record_save(guest->site, record, err);
}

/* Return: 1: it is gone, or not this guest's to take away; 0: in use; or a negative errno. */
static int detach(const struct volume_guest *guest, const char *target, const struct volume *volume,
		  struct err *err)
{
	cleanup_free char *user = NULL, *state = NULL;
	struct volume_host host;

	int rc = volume_record_user(guest->site, volume, guest->uuid, target, &user, err);
	if (rc != 0)
		return rc;
	rc = volume_guest_host(guest, &host, &state, err);
	return rc < 0 ? rc : volume_detach(volume, &host, err);
}

int guest_volume_release(const struct volume_guest *guest, const char *target, struct err *err)
{
	cleanup_volume struct volume volume = {0}, still = {0};

	int rc = find_pending(guest, target, &volume, err);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	cleanup_close int lock = volume_lock(guest->site, &volume, guest->deadline_ms, err);
	rc = lock < 0 ? lock : find_pending(guest, target, &still, err);
	if (rc == 0)
		return 1;
	if (rc > 0)
		rc = detach(guest, target, &volume, err);
	if (rc <= 0) {
		volume_describe_error(&volume, err);
		return rc;
	}
	rc = note_released(guest, target, err);
	return rc < 0 ? rc : 1;
}

struct release {
	const struct volume_guest *guest;
	char *target;
};

static int run_release(void *argument, struct err *err)
{
	const struct release *release = argument;

	return guest_volume_release(release->guest, release->target, err);
}

static size_t find_releases(const struct volume_guest *guest, const struct volume_record *record,
			    struct release *releases)
{
	size_t count = 0;

	for (size_t i = 0; i < record->count; i++) {
		if (known_volume_is_pending(&record->volumes[i]))
			releases[count++] = (struct release){guest, record->volumes[i].target};
	}
	return count;
}

int guest_volumes_release(const struct volume_guest *guest, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	struct err first;
	int stay = 0;

	int rc = volume_record_load(guest->site, guest->uuid, &record, err);
	if (rc < 0)
		return rc;
	struct release *releases = xcalloc(record->count, sizeof(*releases));
	struct parallel_job *jobs = xcalloc(record->count, sizeof(*jobs));
	size_t count = find_releases(guest, record, releases);
	for (size_t i = 0; i < count; i++)
		jobs[i] = (struct parallel_job){.run = run_release, .argument = &releases[i]};
	parallel_run(jobs, count, guest->deadline_ms + VOLUME_GRACE_MS, &first);
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].rc > 0)
			continue;
		log_problem("%s: disk '%s': not released yet: %s",
			    guest->name ? guest->name : guest->uuid, releases[i].target,
			    jobs[i].err.text);
		stay++;
	}
	free(releases);
	free(jobs);
	return stay;
}
