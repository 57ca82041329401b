/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules put together from their parts, with the conditions that nft adds by itself. */
#include "netfw/table.h"

#include <arpa/inet.h>
#include <string.h>

static void put_number(const struct field_row *row, uint32_t value, uint8_t *bytes)
{
	uint16_t half = (uint16_t)value;

	if (row->host_order && row->load.length == 4)
		memcpy(bytes, &value, 4);
	else if (row->host_order && row->load.length == 2)
		memcpy(bytes, &half, 2);
	else
		for (uint32_t i = row->load.length; i > 0; i--, value >>= 8)
			bytes[i - 1] = (uint8_t)value;
}

static struct statement *add_match(struct rule *rule, enum field field, enum comparison comparison)
{
	const struct field_row *row = field_row(field);
	struct statement *match = rule_add(rule, STATEMENT_MATCH);

	match->fields[0] = field;
	match->field_count = 1;
	match->comparison = comparison;
	if (row->own_mask) {
		match->masked = true;
		put_number(row, row->own_mask, match->mask);
	}
	return match;
}

/* A rule says once what kind of packet it is about. */
static bool has_condition(const struct rule *rule, enum field field)
{
	for (size_t i = 0; i < rule->statement_count; i++) {
		const struct statement *match = &rule->statements[i];
		if (match->kind == STATEMENT_MATCH && match->fields[0] == field &&
		    match->comparison == COMPARE_EQUAL)
			return true;
	}
	return false;
}

static void imply(struct rule *rule, enum field field, uint32_t value)
{
	if (value == 0 || has_condition(rule, field))
		return;
	struct statement *match = add_match(rule, field, COMPARE_EQUAL);
	match->implied = true;
	put_number(field_row(field), value, match->first);
}

static void imply_conditions(struct rule *rule, enum field field)
{
	const struct field_row *row = field_row(field);

	/* With the tag in front, a frame's own type is that of the tag. */
	imply(rule, field == FIELD_VLAN_ID ? FIELD_ETHER_TYPE : FIELD_PROTOCOL, row->ether_type);
	imply(rule, FIELD_L4PROTO, row->ip_protocol);
}

void rule_match(struct rule *rule, enum field field, enum comparison comparison, const void *value)
{
	imply_conditions(rule, field);
	memcpy(add_match(rule, field, comparison)->first, value, field_row(field)->load.length);
}

void rule_match_number(struct rule *rule, enum field field, enum comparison comparison,
		       uint32_t value)
{
	imply_conditions(rule, field);
	put_number(field_row(field), value, add_match(rule, field, comparison)->first);
}

void rule_match_range(struct rule *rule, enum field field, uint32_t first, uint32_t last)
{
	imply_conditions(rule, field);
	struct statement *match = add_match(rule, field, COMPARE_RANGE);
	put_number(field_row(field), first, match->first);
	put_number(field_row(field), last, match->last);
}

void rule_match_bits(struct rule *rule, enum field field, uint32_t bits)
{
	imply_conditions(rule, field);
	struct statement *match = add_match(rule, field, COMPARE_UNEQUAL);
	match->masked = true;
	put_number(field_row(field), bits, match->mask);
}

void rule_lookup(struct rule *rule, const enum field *fields, size_t count,
		 enum comparison comparison, const char *set)
{
	for (size_t i = 0; i < count; i++)
		imply_conditions(rule, fields[i]);
	struct statement *lookup = rule_add(rule, STATEMENT_LOOKUP);
	memcpy(lookup->fields, fields, count * sizeof(*fields));
	lookup->field_count = count;
	lookup->comparison = comparison;
	lookup->name = xstrdup(set);
}

void rule_map(struct rule *rule, enum field field, const char *map)
{
	imply_conditions(rule, field);
	struct statement *lookup = rule_add(rule, STATEMENT_MAP);
	lookup->fields[0] = field;
	lookup->field_count = 1;
	if (field_row(field)->own_mask) {
		lookup->masked = true;
		put_number(field_row(field), field_row(field)->own_mask, lookup->mask);
	}
	lookup->name = xstrdup(map);
}

void rule_counter(struct rule *rule)
{
	rule_add(rule, STATEMENT_COUNTER);
}

void rule_end(struct rule *rule, enum verdict verdict, const char *chain, const char *comment)
{
	struct statement *end = rule_add(rule, STATEMENT_VERDICT);

	end->verdict = verdict;
	end->name = xstrdup(chain);
	rule->comment = comment ? comment_copy(comment) : NULL;
}

void rule_drop(struct rule *rule, const char *comment)
{
	rule_counter(rule);
	rule_end(rule, VERDICT_DROP, NULL, comment);
}
