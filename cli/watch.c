/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * berth watch: waits for the end of one incoming migration and settles it. The hook starts it.
 *
 * One process a guest; a second one ends at once. It lives as long as the migration is going on,
 * and longer than libvirtd if need be. When it is killed, the journal has all that `berth reap`
 * needs.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/libvirt_daemon.h"
#include "config/config.h"
#include "hooks/call.h"
#include "hooks/journal/journal.h"
#include "hooks/records/site.h"
#include "hooks/records/watch_lock.h"
#include "hooks/settle/arrival.h"
#include "hooks/settle/guest_manifest.h"
#include "hooks/settle/settle.h"
#include "libvirt/guest.h"

#define WAKE_MS 1000
#define RECONNECT_MS 1000
/* A daemon that is told to end finishes first what it is at. */
#define DAEMON_ENDS_MS 30000

/* A guest that came without a journal (nothing had to be made) gets its manifest all the same. */
static int refresh_manifest(const struct config *config, struct libvirt *libvirt, const char *uuid,
			    time_t began, struct err *err)
{
	int rc = guest_manifest_write(&this_site, config, libvirt, uuid, err);

	/* -EBUSY: the guest has arrived, and already migrates to the next host. */
	while (rc == -EAGAIN || rc == -EBUSY) {
		rc = libvirt_wait(libvirt, WAKE_MS, err);
		if (rc == 0)
			rc = guest_manifest_write(&this_site, config, libvirt, uuid, err);
	}
	if (rc >= 0)
		rc = arrival_note(&this_site, libvirt, uuid, began, err);
	return rc == -ENOENT ? 0 : rc;
}

/*
 * Whether the guest can't have run here before its events were followed.
 *
 * The journal is looked at first: libvirt answers nothing about a guest while a hook runs for it,
 * and when it answers at last, the guest may have come and gone.
 */
static bool sees_all(struct libvirt *libvirt, const char *uuid)
{
	cleanup_journal struct journal *journal = NULL;
	enum guest_state state;
	struct err err;

	if (journal_peek(&this_site, uuid, &journal, &err) <= 0)
		return false;
	return journal->phase < PHASE_STARTED ||
	       (guest_get_state(libvirt, uuid, &state, &err) == 0 && state == GUEST_COMING);
}

/* @unrun: the guest had not run here before this connection was made. */
static int settle_in_the_end(const struct config *config, struct libvirt *libvirt, const char *uuid,
			     bool unrun, enum settlement *ret, struct err *err)
{
	libvirt_follow(libvirt, uuid);
	bool complete = sees_all(libvirt, uuid);

	for (;;) {
		bool never_ran = (unrun && !libvirt_has_run(libvirt)) ||
				 (complete && libvirt_ended_unrun(libvirt));
		int rc = settle(&this_site, config, libvirt, uuid, never_ran, ret, err);
		if (rc < 0 && rc != -EAGAIN)
			return rc;
		if (rc == 0 && *ret != SETTLE_UNDER_WAY)
			return 0;
		rc = libvirt_wait(libvirt, WAKE_MS, err);
		if (rc < 0)
			return rc;
	}
}

/* With one connection, until the end or until libvirtd goes away. */
static int watch(const struct config *config, struct libvirt *libvirt, const char *uuid, bool unrun,
		 struct err *err)
{
	enum settlement settlement;
	time_t began = time(NULL);

	int rc = settle_in_the_end(config, libvirt, uuid, unrun, &settlement, err);
	if (rc == 0 && settlement == SETTLED_NOTHING)
		rc = refresh_manifest(config, libvirt, uuid, began, err);
	if (rc == 0 && settlement == SETTLE_UNCERTAIN)
		log_problem(
			"%s: it is not certain whether the guest has run here; its images stay; "
			"see 'berth status'",
			uuid);
	return rc;
}

/**
 * struct last_word - what libvirtd said of the guest before it died
 * @answer_lost: the guest ran here, but the source may not know
 * @unrun: no processor of the guest had run here
 */
struct last_word {
	bool answer_lost;
	bool unrun;
};

static void warn_of_two(const struct libvirt_daemon *daemon, const struct journal *journal)
{
	log_problem("%s: %s died when the guest ran here already, but before it could say so: "
		    "host '%s' may run it as well; it is suspended here as soon as %s answers: if "
		    "the guest runs there, 'virsh destroy %s' here, else 'virsh resume %s'",
		    journal->name, daemon->name, journal->source ? journal->source : "?",
		    daemon->name, journal->name, journal->name);
}

/*
 * The connection is lost. If that was libvirtd's end, its status file is read before the next one
 * changes it; while it goes on, it may let the guest run yet.
 *
 * libvirtd ends the job "migration in" when it is about to answer that the guest runs; without an
 * answer the migration has failed for the other side (qemuMigrationSrcConfirmPhase), and the guest
 * goes on there. A guest that was still coming the next libvirtd ends
 * (qemuProcessRecoverMigrationIn); what it says of that end doesn't tell whether the guest had run.
 */
static struct last_word read_last_word(const struct libvirt_daemon *daemon, const char *uuid)
{
	cleanup_journal struct journal *journal = NULL;
	struct last_word word = {0};
	struct domain_status status;
	struct err err;

	if (!libvirt_daemon_wait_end(daemon, DAEMON_ENDS_MS) ||
	    journal_peek(&this_site, uuid, &journal, &err) <= 0 ||
	    call_read_status(&this_site, journal->name, &status, &err) < 0)
		return word;
	word.unrun = status.preparing && !status.running;
	word.answer_lost = status.incoming && status.running;
	if (word.answer_lost)
		warn_of_two(daemon, journal);
	return word;
}

/* Two hosts must not write to one volume. */
static void suspend(struct libvirt *libvirt, const char *uuid)
{
	struct err err;

	if (guest_suspend(libvirt, uuid, &err) < 0)
		log_problem("%s: the guest, which another host may run as well, goes on here: %s",
			    uuid, err.text);
}

static int watch_through_restarts(const struct config *config, const char *uuid, struct err *err)
{
	struct last_word word = {0};

	for (;;) {
		cleanup_libvirt struct libvirt *libvirt = NULL;
		int rc = libvirt_open(&libvirt, err);
		struct libvirt_daemon daemon = libvirt_daemon_find();
		if (rc == 0 && word.answer_lost)
			suspend(libvirt, uuid);
		if (rc == 0)
			rc = watch(config, libvirt, uuid, word.unrun, err);
		if (rc == 0 || (rc != -ENOTCONN && (!libvirt || libvirt_is_alive(libvirt))))
			return rc;
		if (libvirt)
			word = read_last_word(&daemon, uuid);
		usleep(RECONNECT_MS * 1000);
	}
}

static int run(const struct options *options, struct err *err)
{
	cleanup_config struct config *config = NULL;
	cleanup_close int lock = watch_lock(&this_site, options->guest, err);

	if (lock < 0)
		return lock == -EAGAIN ? EXIT_DONE : lock;
	int rc = config_load(this_site.config, &config, err);
	if (rc == 0)
		rc = watch_through_restarts(config, options->guest, err);
	if (rc < 0)
		return err_wrap(err, "%s", options->guest);
	watch_lock_remove(&this_site, options->guest);
	return EXIT_DONE;
}

const struct verb verb_watch = {
	.name = "watch",
	.arguments = "GUEST-UUID",
	.summary = "settle one incoming migration (the hook runs it)",
	.options = " ",
	.needs_guest = true,
	.run = run,
};
