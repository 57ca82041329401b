/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handlers of libvirt's events share. */
#include "hooks/call.h"

#include <errno.h>

#include "base/command.h"
#include "base/file.h"
#include "base/log.h"
#include "hooks/records/volume_record.h"
#include "hooks/records/watch_lock.h"

/* Who has begun to take a volume away may still be at it. */
#define RELEASE_MAY_TAKE_S 60

int call_read_status(const struct site *site, const char *name, struct domain_status *ret,
		     struct err *err)
{
	cleanup_free char *path = xasprintf("%s/%s.xml", site->libvirt_run, name);
	cleanup_strbuf struct strbuf text = {0};

	int rc = file_read(path, DOMAIN_STATUS_MAX_BYTES, &text, err);
	if (rc == -ENOENT) {
		*ret = (struct domain_status){0};
		return 0;
	}
	return rc < 0 ? rc : domain_status_parse(text.text, text.length, ret, err);
}

int call_look_up(const struct call *call, struct domain_status *status, struct journal **journal,
		 struct err *err)
{
	int rc = call_read_status(call->site, call->domain->name, status, err);

	if (rc == 0)
		rc = journal_open(call->site, call->domain->uuid, journal, err);
	return rc < 0 ? rc : 0;
}

int call_refuse_unsettled(const struct journal *journal, struct err *err)
{
	return err_set(err, EBUSY,
		       "an earlier migration to this host is not settled (%s); wait for it to end, "
		       "or run 'berth reap %s' on this host",
		       journal_phase_name(journal->phase), journal->name);
}

static void start_helper(const char *verb, const char *uuid)
{
	const char *const argv[] = {BINDIR "/berth", verb, "--quiet", uuid, NULL};
	struct err err;

	if (command_detach(argv, &err) < 0)
		log_problem("%s: %s", uuid, err.text);
}

void call_start_helper(const struct call *call, const char *verb)
{
	start_helper(verb, call->domain->uuid);
}

static bool is_watched(const struct site *site, const char *uuid)
{
	struct err err;
	cleanup_close int lock = watch_lock(site, uuid, &err);

	return lock == -EAGAIN;
}

void call_watch_unwatched(const struct site *site)
{
	char **uuids = NULL;
	size_t count = 0;
	struct err err;

	if (journal_list(site, &uuids, &count, &err) < 0) {
		log_problem("%s", err.text);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		cleanup_journal struct journal *journal = NULL;
		if (is_watched(site, uuids[i]))
			continue;
		/* What can't be read can't be settled either. */
		if (journal_peek(site, uuids[i], &journal, &err) < 0)
			log_problem("%s", err.text);
		else
			start_helper("watch", uuids[i]);
	}
	site_free_uuids(uuids, count);
}

static bool has_left_volumes(const struct site *site, const char *uuid)
{
	cleanup_volume_record struct volume_record *record = NULL;
	time_t now = time(NULL);
	bool left = false;
	struct err err;

	if (volume_record_load(site, uuid, &record, &err) < 0)
		return false;
	for (size_t i = 0; i < record->count; i++) {
		time_t age = now - record->volumes[i].since;
		left |= known_volume_is_pending(&record->volumes[i]) &&
			(age > RELEASE_MAY_TAKE_S || age < 0);
	}
	return left;
}

void call_release_left_volumes(const struct site *site)
{
	char **uuids = NULL;
	size_t count = 0;
	struct err err;

	if (volume_record_list(site, &uuids, &count, &err) < 0) {
		log_problem("%s", err.text);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (has_left_volumes(site, uuids[i]))
			start_helper("reap", uuids[i]);
	}
	site_free_uuids(uuids, count);
}
