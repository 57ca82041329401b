/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate: what is said of a guest when its migration begins, and whether it may run here. */
#ifndef BERTH_GATE_GATE_H
#define BERTH_GATE_GATE_H

#include "gate/facts.h"
#include "hooks/records/site.h"
#include "netfw/firewall.h"

/**
 * gate_inquire() - the facts of this moment, as text
 * @uuid: what the guest's UUID must be
 *
 * Of a guest that has neither manifest nor policy they say only that.
 *
 * Return: 0, or a negative errno: berth knows the guest, and can't say what it has.
 */
int gate_inquire(const struct site *site, const char *name, const char *uuid, struct strbuf *out,
		 struct err *err);

/**
 * gate_note_rules() - note what a guest's ports have, while nobody waits for it
 * @since: the ruleset when somebody began to make it what the policy wants. If it has changed by
 *         now, what is there may be something else, and nothing is noted
 *
 * For gate_verify_guest(), which needn't read it once more if nobody changes it meanwhile.
 *
 * Return: 1: it is noted; 0: it isn't; or a negative errno.
 */
int gate_note_rules(const struct site *site, const char *name, const char *uuid,
		    const struct firewall_state *since, struct err *err);

/**
 * gate_verify_guest() - whether the guest may run here
 * @facts: what the source has said, or nothing; it is changed
 *
 * On the way the ports' rules are made what the guest's policy wants here. What keeps others from
 * writing to the guest's volumes is lifted last, when nothing speaks against the guest any more.
 *
 * Return: 0: it may; or a negative errno.
 */
int gate_verify_guest(const struct site *site, const char *name, const char *uuid,
		      struct strbuf *facts, struct err *err);

#endif
