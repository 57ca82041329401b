/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doing the steps of a plan, and undoing those of a journal. */
#ifndef BERTH_HOOKS_JOURNAL_APPLY_H
#define BERTH_HOOKS_JOURNAL_APPLY_H

#include "config/config.h"
#include "hooks/journal/journal.h"

/**
 * apply_steps() - do all steps of a fresh journal, in order, each noted when it is done
 *
 * Volumes that stand side by side are attached at the same time; [volumes] timeout is for all of
 * them.
 *
 * On failure what was done is undone again and the journal is removed.
 *
 * Return: 0; the journal's phase is PHASE_PREPARED then. Or the negative errno of the failed step;
 * the pointer is taken and set to NULL then.
 */
int apply_steps(const struct site *site, const struct config *config, struct journal **journal,
		struct err *err);

/**
 * apply_undo() - undo all steps in reverse order and remove the journal
 * @config: may be NULL where there is a mistake in it: volumes stay then, and so does the journal
 *
 * Only for a guest that has never run here. Goes on past a step that can't be undone; the journal
 * stays then, so that a later run tries again.
 *
 * Return: 0 when nothing is left, the pointer is taken and set to NULL then; or the first step's
 * negative errno.
 */
int apply_undo(const struct site *site, const struct config *config, struct journal **journal,
	       struct err *err);

#endif
