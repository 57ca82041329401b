/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nf_tables messages as parts of a ruleset: the reverse of encode.c. */
#include "netfw/encode.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_bridge.h>
#include <string.h>

#include "netfw/attribute.h"
#include "netfw/expression.h"
#include "netfw/table.h"

#define UDATA_COMMENT 0

static int bad(struct err *err, const char *what)
{
	return err_set(err, EBADMSG, "the kernel's description of a %s can't be understood", what);
}

static int parse(struct nlmsghdr *message, struct nlattr **parts, int last, const char *what,
		 struct err *err)
{
	if (nlmsg_parse(message, sizeof(struct nfgenmsg), parts, last, NULL) < 0)
		return bad(err, what);
	return 0;
}

static bool is_type(const struct nlmsghdr *message, int type)
{
	return message->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | type);
}

static bool is_our_table(const struct nlattr *name)
{
	return str_equal(attribute_text(name), TABLE_NAME);
}

/* The comment among type, length, bytes. */
static char *read_comment(const struct nlattr *udata)
{
	const uint8_t *at = udata ? nla_data(udata) : NULL;
	const uint8_t *end = udata ? at + nla_len(udata) : NULL;

	while (udata && end - at >= 2 && end - at >= 2 + at[1]) {
		if (at[0] == UDATA_COMMENT)
			return xstrndup((const char *)at + 2, at[1]);
		at += 2 + at[1];
	}
	return NULL;
}

/* --- the table --- */

int decode_table(struct nlmsghdr *message, bool *dormant, struct err *err)
{
	struct nlattr *parts[NFTA_TABLE_MAX + 1];

	if (!is_type(message, NFT_MSG_NEWTABLE))
		return 0;
	int rc = parse(message, parts, NFTA_TABLE_MAX, "table", err);
	if (rc == 0 && is_our_table(parts[NFTA_TABLE_NAME]))
		*dormant = attribute_be32(parts[NFTA_TABLE_FLAGS]) & NFT_TABLE_F_DORMANT;
	return rc;
}

/* --- chains --- */

static void read_hook(struct chain *chain, struct nlattr *attribute)
{
	struct nlattr *parts[NFTA_HOOK_MAX + 1];

	if (nla_parse_nested(parts, NFTA_HOOK_MAX, attribute, NULL) < 0)
		return;
	switch (attribute_be32(parts[NFTA_HOOK_HOOKNUM])) {
	case NF_BR_PRE_ROUTING:
		chain->hook = "prerouting";
		break;
	case NF_BR_POST_ROUTING:
		chain->hook = "postrouting";
		break;
	default:
		chain->hook = "of somebody else";
		break;
	}
	chain->priority = (int)attribute_be32(parts[NFTA_HOOK_PRIORITY]);
}

int decode_chain(struct nlmsghdr *message, struct ruleset *ret, struct err *err)
{
	struct nlattr *parts[NFTA_CHAIN_MAX + 1];

	if (!is_type(message, NFT_MSG_NEWCHAIN))
		return 0;
	int rc = parse(message, parts, NFTA_CHAIN_MAX, "chain", err);
	if (rc < 0 || !is_our_table(parts[NFTA_CHAIN_TABLE]))
		return rc;
	const char *name = attribute_text(parts[NFTA_CHAIN_NAME]);
	if (!name)
		return bad(err, "chain");
	struct chain *chain = ruleset_add_chain(ret, name);
	chain->comment = read_comment(parts[NFTA_CHAIN_USERDATA]);
	if (parts[NFTA_CHAIN_HOOK])
		read_hook(chain, parts[NFTA_CHAIN_HOOK]);
	chain->drops =
		parts[NFTA_CHAIN_POLICY] && attribute_be32(parts[NFTA_CHAIN_POLICY]) != NF_ACCEPT;
	return 0;
}

/* --- sets --- */

/* The first field with a type of this number; types without a name are told apart by what nft needs
 * to show them. */
static int field_of_type(uint32_t number, const struct nlattr *udata)
{
	static const uint8_t pvid[] = {0, 4, 28, 0, 0, 0};

	for (int field = 0; field < FIELDS; field++) {
		const struct field_row *row = field_row((enum field)field);
		if (row->set_type && row->set_type_number == number)
			return field;
	}
	if (number != field_row(FIELD_VLAN_ID)->set_type_number || !udata)
		return -1;
	bool is_pvid = memmem(nla_data(udata), (size_t)nla_len(udata), pvid, sizeof(pvid));
	return is_pvid ? FIELD_BRIDGE_PVID : FIELD_VLAN_ID;
}

static bool read_fields(struct set *set, uint32_t type, const struct nlattr *udata)
{
	for (int shift = 24; shift >= 0; shift -= 6) {
		uint32_t number = type >> shift & 63;
		if (number == 0 && set->field_count == 0)
			continue;
		int field = field_of_type(number, udata);
		if (field < 0 || set->field_count == SET_MAX_FIELDS)
			return false;
		set->fields[set->field_count++] = (enum field)field;
	}
	return set->field_count > 0;
}

int decode_set(struct nlmsghdr *message, struct ruleset *ret, struct err *err)
{
	struct nlattr *parts[NFTA_SET_MAX + 1];

	if (!is_type(message, NFT_MSG_NEWSET))
		return 0;
	int rc = parse(message, parts, NFTA_SET_MAX, "set", err);
	if (rc < 0 || !is_our_table(parts[NFTA_SET_TABLE]))
		return rc;
	const char *name = attribute_text(parts[NFTA_SET_NAME]);
	if (!name)
		return bad(err, "set");
	struct set *set = ruleset_add_set(ret, name);
	uint32_t flags = attribute_be32(parts[NFTA_SET_FLAGS]);
	set->intervals = flags & NFT_SET_INTERVAL;
	set->verdicts = flags & NFT_SET_MAP;
	/* Somebody else's kind of set is one that ours never equals. */
	if (!read_fields(set, attribute_be32(parts[NFTA_SET_KEY_TYPE]), parts[NFTA_SET_USERDATA]) ||
	    set_key_bytes(set) > SET_KEY_BYTES)
		set->field_count = 0;
	return 0;
}

/* --- elements --- */

static bool read_key(struct nlattr *attribute, uint8_t key[static SET_KEY_BYTES])
{
	struct nlattr *parts[NFTA_DATA_MAX + 1];

	if (!attribute || nla_parse_nested(parts, NFTA_DATA_MAX, attribute, NULL) < 0 ||
	    !parts[NFTA_DATA_VALUE] || nla_len(parts[NFTA_DATA_VALUE]) > SET_KEY_BYTES)
		return false;
	memcpy(key, nla_data(parts[NFTA_DATA_VALUE]), (size_t)nla_len(parts[NFTA_DATA_VALUE]));
	return true;
}

static bool read_element(struct set *set, struct nlattr *attribute)
{
	struct nlattr *parts[NFTA_SET_ELEM_MAX + 1];

	if (nla_parse_nested(parts, NFTA_SET_ELEM_MAX, attribute, NULL) < 0)
		return false;
	struct element *element = set_add_element(set);
	element->comment = read_comment(parts[NFTA_SET_ELEM_USERDATA]);
	if (!read_key(parts[NFTA_SET_ELEM_KEY], element->first))
		return false;
	/* The kernel leaves the end away where it is the begin. */
	if (set->intervals && parts[NFTA_SET_ELEM_KEY_END])
		return read_key(parts[NFTA_SET_ELEM_KEY_END], element->last);
	if (set->intervals)
		memcpy(element->last, element->first, sizeof(element->last));
	return !set->verdicts || expression_read_verdict(parts[NFTA_SET_ELEM_DATA],
							 &element->verdict, &element->chain);
}

int decode_elements(struct nlmsghdr *message, struct set *ret, struct err *err)
{
	struct nlattr *parts[NFTA_SET_ELEM_LIST_MAX + 1], *element;
	int left;

	if (!is_type(message, NFT_MSG_NEWSETELEM))
		return 0;
	int rc = parse(message, parts, NFTA_SET_ELEM_LIST_MAX, "set's elements", err);
	if (rc < 0 || !parts[NFTA_SET_ELEM_LIST_ELEMENTS] || ret->field_count == 0)
		return rc;
	nla_for_each_nested(element, parts[NFTA_SET_ELEM_LIST_ELEMENTS], left)
	{
		if (!read_element(ret, element))
			return bad(err, "set's element");
	}
	return 0;
}

/* --- rules --- */

static void read_rule(struct nlattr **parts, struct chain *ret)
{
	struct rule *rule = chain_add_rule(ret);

	rule->handle = attribute_be64(parts[NFTA_RULE_HANDLE]);
	rule->comment = read_comment(parts[NFTA_RULE_USERDATA]);
	rule->unknown = !parts[NFTA_RULE_EXPRESSIONS] ||
			!expression_read_list(parts[NFTA_RULE_EXPRESSIONS], rule);
}

int decode_rule(struct nlmsghdr *message, struct chain *ret, struct err *err)
{
	struct nlattr *parts[NFTA_RULE_MAX + 1];

	if (!is_type(message, NFT_MSG_NEWRULE))
		return 0;
	int rc = parse(message, parts, NFTA_RULE_MAX, "rule", err);
	if (rc == 0 && is_our_table(parts[NFTA_RULE_TABLE]))
		read_rule(parts, ret);
	return rc;
}

/* The search begins with the one that was found last, and goes round. */
static struct chain *find_chain(const struct ruleset *ruleset, const char *name, size_t *last)
{
	for (size_t i = 0; name && i < ruleset->chain_count; i++) {
		size_t at = (*last + i) % ruleset->chain_count;
		if (strcmp(ruleset->chains[at].name, name) != 0)
			continue;
		*last = at;
		return &ruleset->chains[at];
	}
	return NULL;
}

int decode_rule_of_any(struct nlmsghdr *message, struct ruleset *ret, size_t *last, struct err *err)
{
	struct nlattr *parts[NFTA_RULE_MAX + 1];

	if (!is_type(message, NFT_MSG_NEWRULE))
		return 0;
	int rc = parse(message, parts, NFTA_RULE_MAX, "rule", err);
	if (rc < 0 || !is_our_table(parts[NFTA_RULE_TABLE]))
		return rc;
	struct chain *chain = find_chain(ret, attribute_text(parts[NFTA_RULE_CHAIN]), last);
	if (chain)
		read_rule(parts, chain);
	return 0;
}

uint32_t decode_generation(struct nlmsghdr *message)
{
	struct nlattr *parts[NFTA_GEN_MAX + 1];

	if (!is_type(message, NFT_MSG_NEWGEN) ||
	    nlmsg_parse(message, sizeof(struct nfgenmsg), parts, NFTA_GEN_MAX, NULL) < 0)
		return 0;
	return attribute_be32(parts[NFTA_GEN_ID]);
}
