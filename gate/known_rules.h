/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A note of the rules that the kernel held for a guest's ports when they had got what the policy
 * wants, before the guest came. With it `verify` needn't read the rules, which takes longer than
 * all its other work, nor make them of the policy, which berth-gate can't. */
#ifndef BERTH_GATE_KNOWN_RULES_H
#define BERTH_GATE_KNOWN_RULES_H

#include "gate/facts.h"
#include "hooks/records/site.h"
#include "netfw/firewall.h"

/**
 * gate_known_rules_keep() - note what the kernel holds
 * @state: of the ruleset from which @facts were taken, and which has all that leads to the rules
 * @facts: of this host; their ports' modes and digests count
 *
 * Return: 0; or a negative errno, and nothing is noted.
 */
int gate_known_rules_keep(const struct site *site, const struct firewall_state *state,
			  const struct gate_facts *facts, struct err *err);

enum gate_knowledge {
	GATE_RULES_UNKNOWN,
	GATE_RULES_WERE_SEEN, /* but the ruleset has changed since */
	GATE_RULES_HOLD,      /* the kernel holds them */
};

/**
 * gate_known_rules_recall() - set what is wanted of all ports that the policy names
 * @facts: of now; their ports' interfaces are set
 *
 * With GATE_RULES_HOLD their modes and digests are set too, and they are settled. With
 * GATE_RULES_UNKNOWN nothing is changed.
 */
enum gate_knowledge gate_known_rules_recall(const struct site *site,
					    const struct firewall_state *state,
					    struct gate_facts *facts);

/* gate_known_rules_forget() - the guest is here, or won't come. */
void gate_known_rules_forget(const struct site *site, const char *uuid);

#endif
