/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's judgement: may the guest run here? Pure: it looks at its arguments alone. */
#ifndef BERTH_GATE_COMPARE_H
#define BERTH_GATE_COMPARE_H

#include "gate/facts.h"
#include "hooks/journal/journal.h"

/**
 * struct gate_case - what there is to judge
 * @there: the source's facts of the moment when the migration began; NULL: it sent none
 * @here: this host's facts of now
 * @journal: of this migration, or NULL: berth had nothing to do for it
 * @incoming: libvirt says that a migration to this host is going on
 * @unverified: it has come by one, and was never let through (hooks/records/gate_unverified.h)
 */
struct gate_case {
	const struct gate_facts *there;
	const struct gate_facts *here;
	const struct journal *journal;
	bool incoming;
	bool unverified;
};

/**
 * gate_compare() - whether the guest's disks and ports here are those that it had there
 *
 * In this order: are there facts; is it this guest; its disks, one by one; its ports. Rules and
 * VLANs are looked at behind this, by who can change them.
 *
 * Return: 0: nothing speaks against it; or a negative errno: @err says what, with which disk or
 * port, and what to do.
 */
int gate_compare(const struct gate_case *given, struct err *err);

/* compare_disk.c */

/* gate_step_of() - what made the disk's image here, or NULL; @journal may be NULL. */
const struct step *gate_step_of(const struct journal *journal, const char *target);

/* One disk, which both hosts have. */
int gate_compare_disk(const struct gate_case *given, const struct gate_disk *there,
		      const struct gate_disk *here, struct err *err);

#endif
