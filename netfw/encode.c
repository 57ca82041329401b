/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables, chains and sets as nf_tables messages.
 *
 * Numbers in attributes are in network order; what the attribute's comment in
 * linux/netfilter/nf_tables.h calls user data is for nft alone: comments, and how to show a key
 * (include/udata.h of libnftnl).
 */
#include "netfw/encode.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_bridge.h>
#include <string.h>

#include "netfw/expression.h"
#include "netfw/netlink.h"
#include "netfw/table.h"

/* A list attribute ends at 65535 bytes; an element takes at most about 300. A message's memory is
 * zeroed, all of it: a short list gets less. */
#define ELEMENT_BYTES 512
#define LIST_FULL_BYTES 60000
#define LIST_MESSAGE_BYTES 70000
#define RULE_MESSAGE_BYTES 8192

/* User data: type, length, bytes. */
enum { UDATA_COMMENT = 0 };
enum {
	UDATA_SET_KEY_BYTE_ORDER = 0,
	UDATA_SET_DATA_BYTE_ORDER = 1,
	UDATA_SET_KEY_TYPE_OF = 3,
	UDATA_SET_DATA_TYPE_OF = 4,
};
enum { BYTE_ORDER_NONE = 0, BYTE_ORDER_HOST = 1, BYTE_ORDER_NETWORK = 2 };

static struct nl_msg *begin(int type, int flags, size_t size)
{
	struct nfgenmsg header = {.nfgen_family = NFPROTO_BRIDGE, .version = NFNETLINK_V0};

	return netlink_message(NFNL_SUBSYS_NFTABLES << 8 | type, flags, &header, sizeof(header),
			       size);
}

static void put_be64(struct nl_msg *message, int attribute, uint64_t value)
{
	value = htobe64(value);
	netlink_put(message, attribute, &value, sizeof(value));
}

static void udata_add(struct strbuf *udata, uint8_t type, const void *bytes, uint8_t length)
{
	strbuf_add(udata, &type, 1);
	strbuf_add(udata, &length, 1);
	strbuf_add(udata, bytes, length);
}

static void udata_add_u32(struct strbuf *udata, uint8_t type, uint32_t value)
{
	udata_add(udata, type, &value, sizeof(value)); /* in the host's order: nft's own data */
}

static void put_comment(struct nl_msg *message, int attribute, const char *comment)
{
	cleanup_strbuf struct strbuf udata = {0};

	if (!comment)
		return;
	udata_add(&udata, UDATA_COMMENT, comment, (uint8_t)(strlen(comment) + 1));
	netlink_put(message, attribute, udata.text, udata.length);
}

struct nl_msg *encode_batch_begin(uint32_t generation)
{
	struct nfgenmsg header = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
	struct nl_msg *message = netlink_message(NFNL_MSG_BATCH_BEGIN, 0, &header, sizeof(header),
						 NETLINK_MESSAGE_BYTES);

	if (generation)
		netlink_put_be32(message, NFNL_BATCH_GENID, generation);
	return message;
}

struct nl_msg *encode_batch_end(void)
{
	struct nfgenmsg header = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};

	return netlink_message(NFNL_MSG_BATCH_END, 0, &header, sizeof(header),
			       NETLINK_MESSAGE_BYTES);
}

/* --- tables --- */

struct nl_msg *encode_table(void)
{
	struct nl_msg *message = begin(NFT_MSG_NEWTABLE, NLM_F_CREATE, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_TABLE_NAME, TABLE_NAME);
	netlink_put_be32(message, NFTA_TABLE_FLAGS, 0);
	put_comment(message, NFTA_TABLE_USERDATA, TABLE_COMMENT);
	return message;
}

struct nl_msg *encode_table_delete(void)
{
	struct nl_msg *message = begin(NFT_MSG_DELTABLE, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_TABLE_NAME, TABLE_NAME);
	return message;
}

/* --- chains --- */

static void put_hook(struct nl_msg *message, const struct chain *chain)
{
	struct nlattr *hook = netlink_nest(message, NFTA_CHAIN_HOOK);

	netlink_put_be32(message, NFTA_HOOK_HOOKNUM,
			 str_equal(chain->hook, "prerouting") ? NF_BR_PRE_ROUTING
							      : NF_BR_POST_ROUTING);
	netlink_put_be32(message, NFTA_HOOK_PRIORITY, (uint32_t)chain->priority);
	netlink_nest_end(message, hook);
	netlink_put_be32(message, NFTA_CHAIN_POLICY, NF_ACCEPT);
	netlink_put_string(message, NFTA_CHAIN_TYPE, "filter");
}

struct nl_msg *encode_chain(const struct chain *chain)
{
	struct nl_msg *message = begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_CHAIN_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_CHAIN_NAME, chain->name);
	if (chain->hook)
		put_hook(message, chain);
	put_comment(message, NFTA_CHAIN_USERDATA, chain->comment);
	return message;
}

struct nl_msg *encode_chain_delete(const char *name)
{
	struct nl_msg *message = begin(NFT_MSG_DELCHAIN, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_CHAIN_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_CHAIN_NAME, name);
	return message;
}

/* --- sets --- */

/* Six bits for each field. */
static uint32_t key_type(const struct set *set)
{
	uint32_t type = 0;

	for (size_t i = 0; i < set->field_count; i++)
		type = type << 6 | field_row(set->fields[i])->set_type_number;
	return type;
}

static void put_field_lengths(struct nl_msg *message, const struct set *set)
{
	struct nlattr *description = netlink_nest(message, NFTA_SET_DESC);
	struct nlattr *concatenation = netlink_nest(message, NFTA_SET_DESC_CONCAT);

	for (size_t i = 0; i < set->field_count; i++) {
		struct nlattr *field = netlink_nest(message, NFTA_LIST_ELEM);
		netlink_put_be32(message, NFTA_SET_FIELD_LEN,
				 field_row(set->fields[i])->load.length);
		netlink_nest_end(message, field);
	}
	netlink_nest_end(message, concatenation);
	netlink_nest_end(message, description);
}

/* Types without a name are described as the expression that has it. */
static void add_type_of(struct strbuf *udata, const struct set *set)
{
	static const uint8_t vlan_id[] = {0, 4, 7, 0, 0, 0, 1, 18, 0, 4,  16, 0, 0,
					  0, 1, 4, 4, 0, 0, 0, 4,  4, 12, 0,  0, 0};
	static const uint8_t bridge_pvid[] = {0, 4, 9, 0, 0, 0, 1, 6, 0, 4, 28, 0, 0, 0};
	static const uint8_t verdict[] = {0, 4, 1, 0, 0, 0, 1, 0};

	if (set->fields[0] == FIELD_VLAN_ID)
		udata_add(udata, UDATA_SET_KEY_TYPE_OF, vlan_id, sizeof(vlan_id));
	else if (set->fields[0] == FIELD_BRIDGE_PVID)
		udata_add(udata, UDATA_SET_KEY_TYPE_OF, bridge_pvid, sizeof(bridge_pvid));
	else
		return;
	udata_add(udata, UDATA_SET_DATA_TYPE_OF, verdict, sizeof(verdict));
}

static void put_set_udata(struct nl_msg *message, const struct set *set)
{
	cleanup_strbuf struct strbuf udata = {0};
	uint32_t order =
		field_row(set->fields[0])->host_order ? BYTE_ORDER_HOST : BYTE_ORDER_NETWORK;

	udata_add_u32(&udata, UDATA_SET_KEY_BYTE_ORDER,
		      set->field_count == 1 ? order : BYTE_ORDER_NONE);
	if (set->verdicts)
		udata_add_u32(&udata, UDATA_SET_DATA_BYTE_ORDER, BYTE_ORDER_NONE);
	add_type_of(&udata, set);
	netlink_put(message, NFTA_SET_USERDATA, udata.text, udata.length);
}

struct nl_msg *encode_set(const struct set *set, uint32_t id)
{
	struct nl_msg *message = begin(NFT_MSG_NEWSET, NLM_F_CREATE, NETLINK_MESSAGE_BYTES);
	uint32_t flags = (set->intervals ? NFT_SET_INTERVAL | NFT_SET_CONCAT : 0) |
			 (set->verdicts ? NFT_SET_MAP : 0);

	netlink_put_string(message, NFTA_SET_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_SET_NAME, set->name);
	netlink_put_be32(message, NFTA_SET_FLAGS, flags);
	netlink_put_be32(message, NFTA_SET_KEY_TYPE, key_type(set));
	netlink_put_be32(message, NFTA_SET_KEY_LEN, (uint32_t)set_key_bytes(set));
	if (set->verdicts) {
		netlink_put_be32(message, NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
		netlink_put_be32(message, NFTA_SET_DATA_LEN, 0);
	}
	netlink_put_be32(message, NFTA_SET_ID, id);
	if (set->intervals)
		put_field_lengths(message, set);
	put_set_udata(message, set);
	return message;
}

struct nl_msg *encode_set_delete(const char *name)
{
	struct nl_msg *message = begin(NFT_MSG_DELSET, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_SET_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_SET_NAME, name);
	return message;
}

/* --- elements --- */

static void put_element(struct nl_msg *message, const struct set *set,
			const struct element *element, bool add)
{
	struct nlattr *nest = netlink_nest(message, NFTA_LIST_ELEM);
	size_t length = set_key_bytes(set);

	expression_put_value(message, NFTA_SET_ELEM_KEY, element->first, length);
	if (set->intervals)
		expression_put_value(message, NFTA_SET_ELEM_KEY_END, element->last, length);
	if (set->verdicts && add) {
		struct nlattr *data = netlink_nest(message, NFTA_SET_ELEM_DATA);
		expression_put_verdict(message, NFTA_DATA_VERDICT, element->verdict,
				       element->chain);
		netlink_nest_end(message, data);
	}
	if (add)
		put_comment(message, NFTA_SET_ELEM_USERDATA, element->comment);
	netlink_nest_end(message, nest);
}

struct nl_msg *encode_elements(const struct set *set, size_t *begin_index, bool add)
{
	size_t most = NETLINK_MESSAGE_BYTES + (set->element_count - *begin_index) * ELEMENT_BYTES;
	struct nl_msg *message = begin(add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
				       add ? NLM_F_CREATE | NLM_F_EXCL : 0,
				       most < LIST_MESSAGE_BYTES ? most : LIST_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_SET_ELEM_LIST_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_SET_ELEM_LIST_SET, set->name);
	struct nlattr *list = netlink_nest(message, NFTA_SET_ELEM_LIST_ELEMENTS);
	while (*begin_index < set->element_count && nlmsg_hdr(message)->nlmsg_len < LIST_FULL_BYTES)
		put_element(message, set, &set->elements[(*begin_index)++], add);
	netlink_nest_end(message, list);
	return message;
}

/* --- rules --- */

struct nl_msg *encode_rule(const char *chain, const struct rule *rule, uint64_t before)
{
	/* NLM_F_APPEND: behind the rule of that handle; without it: before (nf_tables_newrule()).
	 */
	struct nl_msg *message = begin(NFT_MSG_NEWRULE, NLM_F_CREATE | (before ? 0 : NLM_F_APPEND),
				       RULE_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_RULE_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_RULE_CHAIN, chain);
	if (before)
		put_be64(message, NFTA_RULE_POSITION, before);
	struct nlattr *list = netlink_nest(message, NFTA_RULE_EXPRESSIONS);
	for (size_t i = 0; i < rule->statement_count; i++)
		expression_put_statement(message, &rule->statements[i]);
	netlink_nest_end(message, list);
	put_comment(message, NFTA_RULE_USERDATA, rule->comment);
	return message;
}

struct nl_msg *encode_rule_delete(const char *chain, uint64_t handle)
{
	struct nl_msg *message = begin(NFT_MSG_DELRULE, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_RULE_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_RULE_CHAIN, chain);
	if (handle)
		put_be64(message, NFTA_RULE_HANDLE, handle);
	return message;
}

/* --- asking --- */

struct nl_msg *encode_get_generation(void)
{
	return begin(NFT_MSG_GETGEN, 0, NETLINK_MESSAGE_BYTES);
}

struct nl_msg *encode_get_table(void)
{
	struct nl_msg *message = begin(NFT_MSG_GETTABLE, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_TABLE_NAME, TABLE_NAME);
	return message;
}

struct nl_msg *encode_get_chains(void)
{
	return begin(NFT_MSG_GETCHAIN, 0, NETLINK_MESSAGE_BYTES);
}

struct nl_msg *encode_get_sets(void)
{
	struct nl_msg *message = begin(NFT_MSG_GETSET, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_SET_TABLE, TABLE_NAME);
	return message;
}

struct nl_msg *encode_get_rules(const char *chain)
{
	struct nl_msg *message = begin(NFT_MSG_GETRULE, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_RULE_TABLE, TABLE_NAME);
	if (chain)
		netlink_put_string(message, NFTA_RULE_CHAIN, chain);
	return message;
}

struct nl_msg *encode_get_elements(const char *set)
{
	struct nl_msg *message = begin(NFT_MSG_GETSETELEM, 0, NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, NFTA_SET_ELEM_LIST_TABLE, TABLE_NAME);
	netlink_put_string(message, NFTA_SET_ELEM_LIST_SET, set);
	return message;
}
