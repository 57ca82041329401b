/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A migration to this host that a power cut has interrupted. */
#ifndef BERTH_HOOKS_JOURNAL_INTERRUPTION_H
#define BERTH_HOOKS_JOURNAL_INTERRUPTION_H

#include <stdbool.h>

#include "config/config.h"
#include "hooks/journal/journal.h"
#include "xml/domain.h"

/* interruption_was() - whether this host has booted since the migration began: nothing of it is
 * running. */
bool interruption_was(const struct journal *journal);

/* interruption_is_harmless() - the same, and its guest can't have run here before that either. */
bool interruption_is_harmless(const struct journal *journal);

/* interruption_runs_elsewhere() - whether a domain that comes is a guest that runs at another host.
 */
bool interruption_runs_elsewhere(const struct domain *domain);

/**
 * interruption_keep_images() - give the images that it has made other names, so that theirs are
 * free
 *
 * They are noted as set aside. Idempotent; apply_undo() is to follow.
 *
 * Return: 0 or a negative errno.
 */
int interruption_keep_images(const struct site *site, const struct config *config,
			     const struct journal *journal, struct err *err);

#endif
