/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that look packets up in the sets of what is allowed. */
#include "netfw/admission.h"

#include <string.h>

/* --- rules --- */

/* A packet in @direction belongs to the row; @port: which of its ports the row's ports are. */
static void match_row(const struct admission *admission, const struct row *row, const char *set,
		      enum firewall_direction direction, enum field port, struct rule *rule)
{
	const bool answer = direction != admission->direction;
	enum field address = address_field(direction, admission->family);
	enum field fields[SET_MAX_FIELDS];

	if (row->peer == PEER_GROUP)
		rule_lookup(rule, &address, 1, COMPARE_EQUAL, row->members);
	if (set)
		rule_lookup(rule, fields,
			    row_fields(row, direction, admission->family, port, fields),
			    COMPARE_EQUAL, set);
	rule_end(rule, VERDICT_ACCEPT, NULL, answer ? "answer" : row->label);
}

void admission_add_rules(const struct admission *admission, struct chain *chain)
{
	for (size_t i = 0; i < admission->row_count; i++) {
		const struct row *row = &admission->rows[i];
		for (size_t j = 0; j < row->set_count; j++)
			match_row(admission, row, row->sets[j], admission->direction,
				  FIELD_TH_DPORT, chain_add_rule(chain));
		if (row->set_count == 0)
			match_row(admission, row, NULL, admission->direction, FIELD_TH_DPORT,
				  chain_add_rule(chain));
	}
}

/* --- answers without connection tracking --- */

/* A client's ports; what listens below is not a client. */
#define CLIENT_PORTS_FIRST 1024

static void answers_of_set(const struct admission *admission, const struct row *row,
			   const char *set, struct chain *chain)
{
	static const enum field l4proto = FIELD_L4PROTO;
	bool to_client = admission->direction == FIREWALL_EGRESS;
	enum firewall_direction back = to_client ? FIREWALL_INGRESS : FIREWALL_EGRESS;

	struct rule *rule = chain_add_rule(chain);
	rule_match_bits(rule, FIELD_TCP_FLAGS, 16);
	match_row(admission, row, set, back, FIELD_TH_SPORT, rule);
	rule = chain_add_rule(chain);
	rule_lookup(rule, &l4proto, 1, COMPARE_EQUAL, SET_WITH_PORTS);
	if (to_client)
		rule_match_range(rule, FIELD_TH_DPORT, CLIENT_PORTS_FIRST, 65535);
	match_row(admission, row, set, back, FIELD_TH_SPORT, rule);
	if (row->selector == SELECT_PORTS)
		return;
	rule = chain_add_rule(chain);
	rule_lookup(rule, &l4proto, 1, COMPARE_UNEQUAL, SET_OTHERWISE_ANSWERED);
	match_row(admission, row, set, back, FIELD_TH_SPORT, rule);
}

void admission_add_answers(const struct admission *admission, struct chain *chain)
{
	for (size_t i = 0; i < admission->row_count; i++) {
		const struct row *row = &admission->rows[i];
		if (row->selector == SELECT_ICMP)
			continue; /* errors and replies pass in any case */
		for (size_t j = 0; j < row->set_count; j++)
			answers_of_set(admission, row, row->sets[j], chain);
		if (row->set_count == 0)
			answers_of_set(admission, row, NULL, chain);
	}
}

void admission_free(struct admission *admission)
{
	if (!admission)
		return;
	for (size_t i = 0; i < admission->row_count; i++) {
		free(admission->rows[i].members);
		free(admission->rows[i].label);
		for (size_t j = 0; j < admission->rows[i].set_count; j++)
			free(admission->rows[i].sets[j]);
		free(admission->rows[i].sets);
	}
	free(admission->rows);
	free(admission);
}
