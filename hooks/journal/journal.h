/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: what an incoming migration was to do here, and what it has done. One file per domain
 * UUID. */
#ifndef BERTH_HOOKS_JOURNAL_JOURNAL_H
#define BERTH_HOOKS_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "hooks/journal/step.h"
#include "hooks/records/compared.h"
#include "hooks/records/site.h"

/* How far the migration has come. Each phase is written when it begins. */
enum journal_phase {
	PHASE_BUILDING,  /* `migrate begin` is at work, or was killed at it */
	PHASE_PREPARED,  /* all steps are done; libvirt has the rewritten XML */
	PHASE_PREPARING, /* `prepare begin` came: libvirt is starting QEMU */
	PHASE_STARTED,   /* QEMU waits for the guest or has it: from here on only libvirt knows */
	PHASE_NEVER_RAN, /* `stopped` came, and the guest had not run here */
	PHASE_RAN,       /* the guest has run here: its files are its own now, for good */
	JOURNAL_PHASES
};

/* A name in the incoming XML that berth changed; the stored definition gets the same change later.
 */
struct rename {
	char *what; /* path, bridge, network or listen */
	char *from;
	char *to;
};

struct step_record {
	struct step step;
	bool done;
	bool undone;
};

/**
 * struct journal - one domain's journal, open and locked
 * @token: of the migration, 32 hex digits
 * @source: the host that the guest comes from, as its manifest says; may be NULL
 * @boot: which boot of this host it was begun in; NULL: an older berth didn't note it
 * @began: when `migrate begin` came
 * @phase_began: when @phase began
 * @compared: the images that the guest only reads; empty where an older berth has written it
 * @torn: a part of a line may be at the end of the file and could not be cut off: nothing is
 * appended any more
 * @gated: the guest's processors don't run before the gate lets them
 * @verified: the gate has let them run, or is about to
 *
 * Only what was read or appended through these functions is in here; callers don't write to it.
 */
struct journal {
	char *path;
	int fd;
	bool torn;
	char *name;
	char *uuid;
	char *token;
	char *source;
	char *boot;
	time_t began;
	time_t phase_began;
	bool gated;
	bool verified;
	enum journal_phase phase;
	struct step_record *steps;
	size_t step_count;
	struct rename *renames;
	size_t rename_count;
	struct compared_list compared;
};

#define cleanup_journal cleanup(journal_closep)

/* What journal_create() writes first, all of it synced before it returns. */
struct journal_start {
	const char *name;
	const char *uuid;
	const char *token;
	const char *source;
	const char *boot;
	const struct step *steps;
	size_t step_count;
	const struct rename *renames;
	size_t rename_count;
	struct compared_list compared;
};

/**
 * journal_create() - begin the journal of a migration
 * @start: copied
 * @ret: on success the open, locked journal
 *
 * Return: 0; -EEXIST when there is one for this UUID; -E2BIG when it might become larger than what
 * is read; -EINVAL for a control character in a value; or another negative errno.
 */
int journal_create(const struct site *site, const struct journal_start *start, struct journal **ret,
		   struct err *err);

/**
 * journal_open() - open and lock a domain's journal; waits while another process has it
 *
 * Return: 1 and *@ret; 0 when there is none; -EBADMSG when it can't be understood (nothing is
 * changed then: a newer berth may have written it); or another negative errno.
 */
int journal_open(const struct site *site, const char *uuid, struct journal **ret, struct err *err);

/**
 * journal_peek() - read a domain's journal without locking or changing it
 *
 * For looking only: what it says may be outdated at once. Nothing can be appended to it.
 *
 * Return: as journal_open().
 */
int journal_peek(const struct site *site, const char *uuid, struct journal **ret, struct err *err);

/* journal_steps_done() - note that @count steps from @first on are done, an image with its id.
 * Synced once. */
int journal_steps_done(struct journal *journal, size_t first, size_t count, struct err *err);
/* journal_step_undone() - note that step @index is undone. Synced. */
int journal_step_undone(struct journal *journal, size_t index, struct err *err);
/* journal_set_phase() - note the phase. Synced. */
int journal_set_phase(struct journal *journal, enum journal_phase phase, struct err *err);
/* journal_set_started() - the same of PHASE_STARTED, with what is true of the gate. */
int journal_set_started(struct journal *journal, bool gated, bool verified, struct err *err);

/* journal_remove() - all is settled: removes the file and closes. The pointer is taken and set to
 * NULL. */
int journal_remove(struct journal **journal, struct err *err);
void journal_closep(struct journal **journal);

/* journal_phase_name() - for people and for the file. */
const char *journal_phase_name(enum journal_phase phase);

/* journal_list() - the UUIDs that have a journal; as site_list_uuids(). */
int journal_list(const struct site *site, char ***ret, size_t *ret_count, struct err *err);

#endif
