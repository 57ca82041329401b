/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's expressions as statements: the reverse of expression.c.
 *
 * Loads wait until something uses them: one compares what was loaded, another looks it up.
 */
#include "netfw/expression.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "netfw/attribute.h"

/* What has been loaded and not been used. */
struct loaded {
	enum field fields[SET_MAX_FIELDS];
	size_t count;
	bool masked;
	uint8_t mask[FIELD_MAX_BYTES];
	bool has_zone;
	uint16_t zone;
};

struct reading {
	struct rule *rule;
	struct loaded loaded;
};

/* The bytes of a nested value, as many as fit. Return: their number. */
static size_t get_value(struct nlattr *attribute, uint8_t bytes[static FIELD_MAX_BYTES])
{
	struct nlattr *parts[NFTA_DATA_MAX + 1];

	memset(bytes, 0, FIELD_MAX_BYTES);
	if (!attribute || nla_parse_nested(parts, NFTA_DATA_MAX, attribute, NULL) < 0 ||
	    !parts[NFTA_DATA_VALUE] || nla_len(parts[NFTA_DATA_VALUE]) > FIELD_MAX_BYTES)
		return 0;
	size_t length = (size_t)nla_len(parts[NFTA_DATA_VALUE]);
	memcpy(bytes, nla_data(parts[NFTA_DATA_VALUE]), length);
	return length;
}

static bool add_load(struct reading *reading, const struct load *load)
{
	int field = field_find(load);

	if (field < 0 || reading->loaded.count == SET_MAX_FIELDS)
		return false;
	reading->loaded.fields[reading->loaded.count++] = (enum field)field;
	return true;
}

static void take_loaded(struct reading *reading, struct statement *statement)
{
	memcpy(statement->fields, reading->loaded.fields, sizeof(statement->fields));
	statement->field_count = reading->loaded.count;
	statement->masked = reading->loaded.masked;
	memcpy(statement->mask, reading->loaded.mask, sizeof(statement->mask));
	reading->loaded = (struct loaded){0};
}

static bool read_payload(struct reading *reading, struct nlattr **parts)
{
	struct load load = {
		.kind = LOAD_PAYLOAD,
		.where = attribute_be32(parts[NFTA_PAYLOAD_BASE]),
		.offset = attribute_be32(parts[NFTA_PAYLOAD_OFFSET]),
		.length = attribute_be32(parts[NFTA_PAYLOAD_LEN]),
	};

	return parts[NFTA_PAYLOAD_DREG] && add_load(reading, &load);
}

/* Keys have their length. */
static bool add_key(struct reading *reading, enum load_kind kind, uint32_t key)
{
	for (int field = 0; field < FIELDS; field++) {
		const struct load *load = &field_row((enum field)field)->load;
		if (load->kind == kind && load->where == key)
			return add_load(reading, load);
	}
	return false;
}

static bool read_meta(struct reading *reading, struct nlattr **parts)
{
	return parts[NFTA_META_DREG] &&
	       add_key(reading, LOAD_META, attribute_be32(parts[NFTA_META_KEY]));
}

static bool read_ct(struct reading *reading, struct nlattr **parts)
{
	uint32_t key = attribute_be32(parts[NFTA_CT_KEY]);

	if (parts[NFTA_CT_DREG])
		return add_key(reading, LOAD_CT, key);
	if (key != NFT_CT_ZONE || !reading->loaded.has_zone)
		return false;
	rule_add(reading->rule, STATEMENT_ZONE)->zone = reading->loaded.zone;
	reading->loaded = (struct loaded){0};
	return true;
}

static bool read_exthdr(struct reading *reading, struct nlattr **parts)
{
	struct load load = {
		.kind = LOAD_EXTHDR,
		.where = parts[NFTA_EXTHDR_TYPE] && nla_len(parts[NFTA_EXTHDR_TYPE]) > 0
				 ? nla_get_u8(parts[NFTA_EXTHDR_TYPE])
				 : 0,
		.offset = attribute_be32(parts[NFTA_EXTHDR_OFFSET]),
		.length = attribute_be32(parts[NFTA_EXTHDR_LEN]),
	};

	return add_load(reading, &load);
}

static bool read_bitwise(struct reading *reading, struct nlattr **parts)
{
	uint8_t xor_value[FIELD_MAX_BYTES];
	static const uint8_t zeros[FIELD_MAX_BYTES];

	get_value(parts[NFTA_BITWISE_XOR], xor_value);
	reading->loaded.masked = true;
	return reading->loaded.count == 1 &&
	       get_value(parts[NFTA_BITWISE_MASK], reading->loaded.mask) > 0 &&
	       memcmp(xor_value, zeros, sizeof(zeros)) == 0;
}

/* The end of a range belongs to the statement before, which has its begin. */
static bool read_range_end(struct reading *reading, struct nlattr **parts)
{
	size_t count = reading->rule->statement_count;
	struct statement *before = count ? &reading->rule->statements[count - 1] : NULL;

	return reading->loaded.count == 0 && before && before->kind == STATEMENT_MATCH &&
	       before->comparison == COMPARE_RANGE &&
	       get_value(parts[NFTA_CMP_DATA], before->last) > 0;
}

static bool read_cmp(struct reading *reading, struct nlattr **parts)
{
	uint32_t operation = attribute_be32(parts[NFTA_CMP_OP]);

	if (operation == NFT_CMP_LTE)
		return read_range_end(reading, parts);
	if (reading->loaded.count != 1 ||
	    (operation != NFT_CMP_EQ && operation != NFT_CMP_NEQ && operation != NFT_CMP_GTE))
		return false;
	struct statement *match = rule_add(reading->rule, STATEMENT_MATCH);
	take_loaded(reading, match);
	match->comparison = operation == NFT_CMP_EQ    ? COMPARE_EQUAL
			    : operation == NFT_CMP_NEQ ? COMPARE_UNEQUAL
						       : COMPARE_RANGE;
	const struct field_row *row = field_row(match->fields[0]);
	size_t length = get_value(parts[NFTA_CMP_DATA], match->first);
	if (row->type == TYPE_INTERFACE_NAME && length > 0 && length < row->load.length) {
		match->masked = true;
		memset(match->mask, 0xff, length);
		return true;
	}
	return length == row->load.length;
}

static bool read_lookup(struct reading *reading, struct nlattr **parts)
{
	const char *name = attribute_text(parts[NFTA_LOOKUP_SET]);
	bool is_map = parts[NFTA_LOOKUP_DREG];

	if (reading->loaded.count == 0 || !name)
		return false;
	struct statement *lookup =
		rule_add(reading->rule, is_map ? STATEMENT_MAP : STATEMENT_LOOKUP);
	take_loaded(reading, lookup);
	lookup->name = xstrdup(name);
	if (attribute_be32(parts[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV)
		lookup->comparison = COMPARE_UNEQUAL;
	return true;
}

static bool read_counter(struct reading *reading, struct nlattr **parts)
{
	rule_add(reading->rule, STATEMENT_COUNTER);
	reading->rule->packets += attribute_be64(parts[NFTA_COUNTER_PACKETS]);
	return true;
}

bool expression_read_verdict(struct nlattr *attribute, enum verdict *verdict, char **chain)
{
	struct nlattr *data[NFTA_DATA_MAX + 1], *parts[NFTA_VERDICT_MAX + 1];

	if (!attribute || nla_parse_nested(data, NFTA_DATA_MAX, attribute, NULL) < 0 ||
	    !data[NFTA_DATA_VERDICT] ||
	    nla_parse_nested(parts, NFTA_VERDICT_MAX, data[NFTA_DATA_VERDICT], NULL) < 0)
		return false;
	int32_t code = (int32_t)attribute_be32(parts[NFTA_VERDICT_CODE]);

	switch (code) {
	case NF_ACCEPT:
		*verdict = VERDICT_ACCEPT;
		return true;
	case NF_DROP:
		*verdict = VERDICT_DROP;
		return true;
	case NFT_GOTO:
	case NFT_JUMP:
		*verdict = code == NFT_GOTO ? VERDICT_GOTO : VERDICT_JUMP;
		*chain = xstrdup(attribute_text(parts[NFTA_VERDICT_CHAIN]));
		return *chain != NULL;
	default:
		return false;
	}
}

static bool read_immediate(struct reading *reading, struct nlattr **parts)
{
	uint8_t value[FIELD_MAX_BYTES];

	if (attribute_be32(parts[NFTA_IMMEDIATE_DREG]) == NFT_REG_VERDICT) {
		struct statement *end = rule_add(reading->rule, STATEMENT_VERDICT);
		return expression_read_verdict(parts[NFTA_IMMEDIATE_DATA], &end->verdict,
					       &end->name);
	}
	if (get_value(parts[NFTA_IMMEDIATE_DATA], value) < sizeof(reading->loaded.zone))
		return false;
	memcpy(&reading->loaded.zone, value, sizeof(reading->loaded.zone));
	reading->loaded.has_zone = true;
	return true;
}

static const struct {
	const char *name;
	int last_part;
	bool (*read)(struct reading *reading, struct nlattr **parts);
} readers[] = {
	{"payload", NFTA_PAYLOAD_MAX, read_payload},
	{"meta", NFTA_META_MAX, read_meta},
	{"ct", NFTA_CT_MAX, read_ct},
	{"exthdr", NFTA_EXTHDR_MAX, read_exthdr},
	{"bitwise", NFTA_BITWISE_MAX, read_bitwise},
	{"cmp", NFTA_CMP_MAX, read_cmp},
	{"lookup", NFTA_LOOKUP_MAX, read_lookup},
	{"counter", NFTA_COUNTER_MAX, read_counter},
	{"immediate", NFTA_IMMEDIATE_MAX, read_immediate},
};

/* The most that one of them has. */
#define MAX_PARTS 16
_Static_assert(NFTA_PAYLOAD_MAX <= MAX_PARTS && NFTA_META_MAX <= MAX_PARTS &&
		       NFTA_CT_MAX <= MAX_PARTS && NFTA_EXTHDR_MAX <= MAX_PARTS &&
		       NFTA_BITWISE_MAX <= MAX_PARTS && NFTA_CMP_MAX <= MAX_PARTS &&
		       NFTA_LOOKUP_MAX <= MAX_PARTS && NFTA_COUNTER_MAX <= MAX_PARTS &&
		       NFTA_IMMEDIATE_MAX <= MAX_PARTS,
	       "parts[] has room");

static bool read_expression(struct reading *reading, struct nlattr *element)
{
	struct nlattr *expression[NFTA_EXPR_MAX + 1], *parts[MAX_PARTS + 1] = {0};

	if (nla_parse_nested(expression, NFTA_EXPR_MAX, element, NULL) < 0)
		return false;
	const char *name = attribute_text(expression[NFTA_EXPR_NAME]);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (!str_equal(name, readers[i].name))
			continue;
		if (expression[NFTA_EXPR_DATA] &&
		    nla_parse_nested(parts, readers[i].last_part, expression[NFTA_EXPR_DATA],
				     NULL) < 0)
			return false;
		return readers[i].read(reading, parts);
	}
	return false;
}

bool expression_read_list(struct nlattr *list, struct rule *rule)
{
	struct reading reading = {.rule = rule};
	struct nlattr *element;
	int left;

	nla_for_each_nested(element, list, left)
	{
		if (!read_expression(&reading, element))
			return false;
	}
	return reading.loaded.count == 0 && !reading.loaded.has_zone;
}
