/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel held for a guest's ports when it was looked at before the guest came: reading a
 * thousand rules takes longer than all the rest of what a guest waits for. */
#ifndef BERTH_HOOKS_GATE_KNOWN_RULES_H
#define BERTH_HOOKS_GATE_KNOWN_RULES_H

#include "hooks/gate_facts.h"
#include "hooks/site.h"
#include "netfw/firewall.h"

/**
 * gate_known_rules_keep() - note what the kernel holds
 * @state: of the ruleset from which @facts were taken, and which has all that leads to the rules
 * @facts: of this host; their ports count, without the rules themselves
 *
 * Return: 0; or a negative errno, and nothing is noted.
 */
int gate_known_rules_keep(const struct site *site, const struct firewall_state *state,
			  const struct gate_facts *facts, struct err *err);

/**
 * gate_known_rules_recall() - set mode, digest and foreign of all ports that the policy names
 * @facts: of now; their ports' interfaces are set
 *
 * Return: whether it is known of all of them, and still true. Otherwise nothing is changed.
 */
bool gate_known_rules_recall(const struct site *site, const struct firewall_state *state,
			     struct gate_facts *facts);

/* gate_known_rules_forget() - the guest is here, or won't come. */
void gate_known_rules_forget(const struct site *site, const char *uuid);

#endif
