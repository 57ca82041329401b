/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statements as the kernel's expressions: one function each.
 *
 * The kernel has 16 registers of 4 bytes; a value begins in one and goes on in those behind it. The
 * first of each four has a number of its own, and the kernel names it so when it is asked.
 */
#include "netfw/expression.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "netfw/netlink.h"

static uint32_t register_number(size_t word)
{
	return word % 4 == 0 ? NFT_REG_1 + (uint32_t)word / 4 : NFT_REG32_00 + (uint32_t)word;
}

void expression_put_value(struct nl_msg *message, int attribute, const void *bytes, size_t length)
{
	struct nlattr *nest = netlink_nest(message, attribute);

	netlink_put(message, NFTA_DATA_VALUE, bytes, length);
	netlink_nest_end(message, nest);
}

/* One expression: its name, and its own attributes in between. */
struct expression {
	struct nlattr *element;
	struct nlattr *data;
};

static struct expression expression_begin(struct nl_msg *message, const char *name)
{
	struct expression expression;

	expression.element = netlink_nest(message, NFTA_LIST_ELEM);
	netlink_put_string(message, NFTA_EXPR_NAME, name);
	expression.data = netlink_nest(message, NFTA_EXPR_DATA);
	return expression;
}

static void expression_end(struct nl_msg *message, struct expression expression)
{
	netlink_nest_end(message, expression.data);
	netlink_nest_end(message, expression.element);
}

/* payload, meta, ct, exthdr: field => register */

static void put_load_of_payload(struct nl_msg *message, const struct load *load, uint32_t reg)
{
	netlink_put_be32(message, NFTA_PAYLOAD_DREG, reg);
	netlink_put_be32(message, NFTA_PAYLOAD_BASE, load->where);
	netlink_put_be32(message, NFTA_PAYLOAD_OFFSET, load->offset);
	netlink_put_be32(message, NFTA_PAYLOAD_LEN, load->length);
}

static void put_load_of_exthdr(struct nl_msg *message, const struct load *load, uint32_t reg)
{
	netlink_put_be32(message, NFTA_EXTHDR_DREG, reg);
	netlink_put_u8(message, NFTA_EXTHDR_TYPE, (uint8_t)load->where);
	netlink_put_be32(message, NFTA_EXTHDR_OFFSET, load->offset);
	netlink_put_be32(message, NFTA_EXTHDR_LEN, load->length);
	netlink_put_be32(message, NFTA_EXTHDR_FLAGS, 0);
	netlink_put_be32(message, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
}

static void put_load(struct nl_msg *message, enum field field, size_t word)
{
	static const char *const names[] = {
		[LOAD_PAYLOAD] = "payload",
		[LOAD_META] = "meta",
		[LOAD_CT] = "ct",
		[LOAD_EXTHDR] = "exthdr",
	};
	const struct load *load = &field_row(field)->load;
	struct expression expression = expression_begin(message, names[load->kind]);

	switch (load->kind) {
	case LOAD_PAYLOAD:
		put_load_of_payload(message, load, register_number(word));
		break;
	case LOAD_META:
		netlink_put_be32(message, NFTA_META_KEY, load->where);
		netlink_put_be32(message, NFTA_META_DREG, register_number(word));
		break;
	case LOAD_CT:
		netlink_put_be32(message, NFTA_CT_KEY, load->where);
		netlink_put_be32(message, NFTA_CT_DREG, register_number(word));
		break;
	case LOAD_EXTHDR:
		put_load_of_exthdr(message, load, register_number(word));
		break;
	}
	expression_end(message, expression);
}

/* The fields, one behind the other. */
static void put_loads(struct nl_msg *message, const struct statement *statement)
{
	size_t word = 0;

	for (size_t i = 0; i < statement->field_count; i++) {
		put_load(message, statement->fields[i], word);
		word += (field_row(statement->fields[i])->load.length + 3) / 4;
	}
}

/* bitwise: reg = (reg & mask) ^ 0 */
static void put_mask(struct nl_msg *message, const uint8_t *mask, size_t length)
{
	static const uint8_t zeros[FIELD_MAX_BYTES];
	struct expression expression = expression_begin(message, "bitwise");

	netlink_put_be32(message, NFTA_BITWISE_SREG, NFT_REG_1);
	netlink_put_be32(message, NFTA_BITWISE_DREG, NFT_REG_1);
	netlink_put_be32(message, NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
	netlink_put_be32(message, NFTA_BITWISE_LEN, (uint32_t)length);
	expression_put_value(message, NFTA_BITWISE_MASK, mask, length);
	expression_put_value(message, NFTA_BITWISE_XOR, zeros, length);
	expression_end(message, expression);
}

/* cmp: reg <op> value */
static void put_compare(struct nl_msg *message, uint32_t operation, const uint8_t *value,
			size_t length)
{
	struct expression expression = expression_begin(message, "cmp");

	netlink_put_be32(message, NFTA_CMP_SREG, NFT_REG_1);
	netlink_put_be32(message, NFTA_CMP_OP, operation);
	expression_put_value(message, NFTA_CMP_DATA, value, length);
	expression_end(message, expression);
}

/* The kernel compares as many bytes as there are: a name's begin stands for all that have it. */
static size_t masked_name_length(const struct statement *match)
{
	size_t length = 0;

	while (length < FIELD_MAX_BYTES && match->mask[length])
		length++;
	return length;
}

static void put_match(struct nl_msg *message, const struct statement *match)
{
	const struct field_row *row = field_row(match->fields[0]);
	size_t length = row->load.length;

	put_loads(message, match);
	if (match->masked && row->type == TYPE_INTERFACE_NAME)
		length = masked_name_length(match);
	else if (match->masked)
		put_mask(message, match->mask, length);
	switch (match->comparison) {
	case COMPARE_EQUAL:
		put_compare(message, NFT_CMP_EQ, match->first, length);
		break;
	case COMPARE_UNEQUAL:
		put_compare(message, NFT_CMP_NEQ, match->first, length);
		break;
	case COMPARE_RANGE:
		put_compare(message, NFT_CMP_GTE, match->first, length);
		put_compare(message, NFT_CMP_LTE, match->last, length);
		break;
	}
}

/* lookup: registers @set; of a map, the verdict is its answer */
static void put_lookup(struct nl_msg *message, const struct statement *statement)
{
	put_loads(message, statement);
	if (statement->masked)
		put_mask(message, statement->mask, field_row(statement->fields[0])->load.length);
	struct expression expression = expression_begin(message, "lookup");
	netlink_put_string(message, NFTA_LOOKUP_SET, statement->name);
	netlink_put_be32(message, NFTA_LOOKUP_SREG, NFT_REG_1);
	if (statement->kind == STATEMENT_MAP)
		netlink_put_be32(message, NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
	if (statement->comparison == COMPARE_UNEQUAL)
		netlink_put_be32(message, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	expression_end(message, expression);
}

/* counter packets 0 bytes 0 */
static void put_counter(struct nl_msg *message)
{
	expression_end(message, expression_begin(message, "counter"));
}

void expression_put_verdict(struct nl_msg *message, int attribute, enum verdict verdict,
			    const char *chain)
{
	static const int32_t codes[] = {
		[VERDICT_ACCEPT] = NF_ACCEPT,
		[VERDICT_DROP] = NF_DROP,
		[VERDICT_GOTO] = NFT_GOTO,
		[VERDICT_JUMP] = NFT_JUMP,
	};
	struct nlattr *nest = netlink_nest(message, attribute);

	netlink_put_be32(message, NFTA_VERDICT_CODE, (uint32_t)codes[verdict]);
	if (verdict == VERDICT_GOTO || verdict == VERDICT_JUMP)
		netlink_put_string(message, NFTA_VERDICT_CHAIN, chain);
	netlink_nest_end(message, nest);
}

/* immediate: the verdict */
static void put_verdict(struct nl_msg *message, const struct statement *statement)
{
	struct expression expression = expression_begin(message, "immediate");

	netlink_put_be32(message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	struct nlattr *data = netlink_nest(message, NFTA_IMMEDIATE_DATA);
	expression_put_verdict(message, NFTA_DATA_VERDICT, statement->verdict, statement->name);
	netlink_nest_end(message, data);
	expression_end(message, expression);
}

/* immediate, ct: ct zone set N */
static void put_zone(struct nl_msg *message, uint16_t zone)
{
	struct expression expression = expression_begin(message, "immediate");

	netlink_put_be32(message, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	expression_put_value(message, NFTA_IMMEDIATE_DATA, &zone, sizeof(zone));
	expression_end(message, expression);
	expression = expression_begin(message, "ct");
	netlink_put_be32(message, NFTA_CT_KEY, NFT_CT_ZONE);
	netlink_put_be32(message, NFTA_CT_SREG, NFT_REG_1);
	expression_end(message, expression);
}

void expression_put_statement(struct nl_msg *message, const struct statement *statement)
{
	switch (statement->kind) {
	case STATEMENT_MATCH:
		put_match(message, statement);
		break;
	case STATEMENT_LOOKUP:
	case STATEMENT_MAP:
		put_lookup(message, statement);
		break;
	case STATEMENT_COUNTER:
		put_counter(message);
		break;
	case STATEMENT_VERDICT:
		put_verdict(message, statement);
		break;
	case STATEMENT_ZONE:
		put_zone(message, statement->zone);
		break;
	}
}
