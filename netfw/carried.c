/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of ports as values: encoded, decoded, and checked as what comes from elsewhere. */
#include "netfw/carried.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "netfw/attribute.h"
#include "netfw/encode.h"
#include "netfw/netlink.h"
#include "netfw/table.h"

/* What a name may have at most behind the port's prefix, which has up to 47 (nf_tables.h,
 * NFT_NAME_MAXLEN: 256). */
#define MAX_NAME 200
#define MAX_STATEMENTS 16
#define MAX_OBJECTS 4096

void carried_clear(struct carried *carried)
{
	firewall_port_clear(&carried->port);
	ruleset_clear(&carried->rules);
	*carried = (struct carried){0};
}

/* --- names --- */

static void rename_one(char **name, const char *from, const char *to)
{
	if (!*name || !str_starts(*name, from))
		return;
	char *other = xasprintf("%s%s", to, *name + strlen(from));
	free(*name);
	*name = other;
}

void carried_rename(struct ruleset *rules, const char *from, const char *to)
{
	for (size_t i = 0; i < rules->set_count; i++)
		rename_one(&rules->sets[i].name, from, to);
	for (size_t i = 0; i < rules->chain_count; i++) {
		struct chain *chain = &rules->chains[i];
		rename_one(&chain->name, from, to);
		for (size_t j = 0; j < chain->rule_count; j++) {
			struct rule *rule = &chain->rules[j];
			for (size_t k = 0; k < rule->statement_count; k++)
				rename_one(&rule->statements[k].name, from, to);
		}
	}
}

/* --- the kind --- */

static bool is_answer_set(const char *name)
{
	return str_equal(name, SET_ICMP_ANSWERS) || str_equal(name, SET_ICMPV6_ANSWERS) ||
	       str_equal(name, SET_WITH_PORTS) || str_equal(name, SET_OTHERWISE_ANSWERED);
}

static enum carried_kind kind_of_rule(const struct rule *rule)
{
	for (size_t i = 0; i < rule->statement_count; i++) {
		const struct statement *statement = &rule->statements[i];
		if (statement->kind == STATEMENT_MATCH && statement->fields[0] == FIELD_CT_STATE)
			return CARRIED_TRACKING;
		if (statement->kind == STATEMENT_LOOKUP && is_answer_set(statement->name))
			return CARRIED_STATELESS;
	}
	return CARRIED_PLAIN;
}

static bool has_chain(const struct ruleset *rules, const char *prefix, const char *what)
{
	cleanup_free char *name = xasprintf("%s%s", prefix, what);

	return ruleset_find_chain(rules, name);
}

enum carried_kind carried_kind_of(const struct ruleset *rules, const char *prefix)
{
	if (!has_chain(rules, prefix, "egress") || !has_chain(rules, prefix, "ingress"))
		return CARRIED_NONE;
	for (size_t i = 0; i < rules->chain_count; i++) {
		const struct chain *chain = &rules->chains[i];
		if (!str_starts(chain->name, prefix))
			continue;
		for (size_t j = 0; j < chain->rule_count; j++) {
			enum carried_kind kind = kind_of_rule(&chain->rules[j]);
			if (kind != CARRIED_PLAIN)
				return kind;
		}
	}
	return CARRIED_PLAIN;
}

/* --- encoding --- */

static int compare_chains(const void *a, const void *b)
{
	return strcmp(((const struct chain *)a)->name, ((const struct chain *)b)->name);
}

static int compare_sets(const void *a, const void *b)
{
	return strcmp(((const struct set *)a)->name, ((const struct set *)b)->name);
}

static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count > 0)
		qsort(items, count, size, compare);
}

static void add_message(struct strbuf *out, struct nl_msg *taken)
{
	static const char padding[NLMSG_ALIGNTO];
	cleanup_message struct nl_msg *message = taken;
	const struct nlmsghdr *header = nlmsg_hdr(message);

	strbuf_add(out, header, header->nlmsg_len);
	strbuf_add(out, padding, NLMSG_ALIGN(header->nlmsg_len) - header->nlmsg_len);
}

static void encode_set_whole(struct set *set, struct strbuf *out)
{
	sort(set->elements, set->element_count, sizeof(*set->elements), element_compare);
	add_message(out, encode_set(set, 0));
	for (size_t begin = 0; begin < set->element_count;)
		add_message(out, encode_elements(set, &begin, true));
}

void carried_encode(struct ruleset *rules, struct strbuf *out)
{
	sort(rules->chains, rules->chain_count, sizeof(*rules->chains), compare_chains);
	sort(rules->sets, rules->set_count, sizeof(*rules->sets), compare_sets);
	for (size_t i = 0; i < rules->set_count; i++)
		encode_set_whole(&rules->sets[i], out);
	for (size_t i = 0; i < rules->chain_count; i++) {
		const struct chain *chain = &rules->chains[i];
		add_message(out, encode_chain(chain));
		for (size_t j = 0; j < chain->rule_count; j++)
			add_message(out, encode_rule(chain->name, &chain->rules[j], 0));
	}
}

/* --- decoding --- */

static int decode_elements_of(struct nlmsghdr *message, struct ruleset *ret, struct err *err)
{
	struct nlattr *parts[NFTA_SET_ELEM_LIST_MAX + 1];

	if (nlmsg_parse(message, sizeof(struct nfgenmsg), parts, NFTA_SET_ELEM_LIST_MAX, NULL) < 0)
		return err_set(err, EBADMSG, "broken list of elements");
	const char *name = attribute_text(parts[NFTA_SET_ELEM_LIST_SET]);
	struct set *set = name ? ruleset_find_set(ret, name) : NULL;
	if (!set)
		return err_set(err, EBADMSG, "elements of a set that isn't there");
	return decode_elements(message, set, err);
}

static int decode_one(struct nlmsghdr *message, struct ruleset *ret, size_t *last, struct err *err)
{
	switch (message->nlmsg_type) {
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN:
		return decode_chain(message, ret, err);
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET:
		return decode_set(message, ret, err);
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM:
		return decode_elements_of(message, ret, err);
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE:
		return decode_rule_of_any(message, ret, last, err);
	default:
		return err_set(err, EBADMSG, "message of type %u", message->nlmsg_type);
	}
}

/* --- what is accepted --- */

static bool is_own_name(const char *name)
{
	size_t length = strlen(name);

	if (length < 2 || length > MAX_NAME || name[0] != '-')
		return false;
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '"')
			return false;
	}
	return true;
}

static void clean_comment(char **comment)
{
	if (!*comment)
		return;
	char *clean = comment_copy(*comment);
	free(*comment);
	*comment = clean;
}

static bool is_set_accepted(const struct ruleset *rules, const struct ruleset *shared,
			    const struct statement *lookup)
{
	const struct set *set = ruleset_find_set(rules, lookup->name);

	if (!set)
		set = ruleset_find_set(shared, lookup->name);
	return set && !set->verdicts && lookup->field_count == set->field_count;
}

static bool is_statement_accepted(const struct ruleset *rules, const struct ruleset *shared,
				  const struct statement *statement)
{
	switch (statement->kind) {
	case STATEMENT_MATCH:
		return statement->field_count == 1;
	case STATEMENT_COUNTER:
		return true;
	case STATEMENT_LOOKUP:
		return is_set_accepted(rules, shared, statement);
	case STATEMENT_VERDICT:
		return !statement->name || ruleset_find_chain(rules, statement->name);
	default:
		return false;
	}
}

static int check_chain(const struct ruleset *rules, const struct ruleset *shared,
		       struct chain *chain, struct err *err)
{
	if (!is_own_name(chain->name) || chain->hook || chain->drops)
		return err_set(err, EBADMSG, "chain '%.200s' is none of a port's", chain->name);
	clean_comment(&chain->comment);
	for (size_t i = 0; i < chain->rule_count; i++) {
		struct rule *rule = &chain->rules[i];
		bool accepted = !rule->unknown && rule->statement_count <= MAX_STATEMENTS;
		for (size_t j = 0; j < rule->statement_count && accepted; j++)
			accepted = is_statement_accepted(rules, shared, &rule->statements[j]);
		if (!accepted)
			return err_set(err, EBADMSG, "rule %zu of chain '%s' is none of a port's",
				       i + 1, chain->name);
		clean_comment(&rule->comment);
	}
	return 0;
}

static int check_set(struct set *set, struct err *err)
{
	if (!is_own_name(set->name) || set->verdicts || set->field_count == 0)
		return err_set(err, EBADMSG, "set '%.200s' is none of a port's", set->name);
	for (size_t i = 0; i < set->element_count; i++)
		clean_comment(&set->elements[i].comment);
	return 0;
}

static int check_names(struct ruleset *rules, struct err *err)
{
	sort(rules->chains, rules->chain_count, sizeof(*rules->chains), compare_chains);
	sort(rules->sets, rules->set_count, sizeof(*rules->sets), compare_sets);
	for (size_t i = 1; i < rules->chain_count; i++) {
		if (compare_chains(&rules->chains[i - 1], &rules->chains[i]) == 0)
			return err_set(err, EBADMSG, "two chains of one name");
	}
	for (size_t i = 1; i < rules->set_count; i++) {
		if (compare_sets(&rules->sets[i - 1], &rules->sets[i]) == 0)
			return err_set(err, EBADMSG, "two sets of one name");
	}
	if (!has_chain(rules, "-", "egress") || !has_chain(rules, "-", "ingress"))
		return err_set(err, EBADMSG, "a port's chains are missing");
	return 0;
}

static int check(struct ruleset *rules, struct err *err)
{
	cleanup_ruleset struct ruleset shared = {0};
	int rc = check_names(rules, err);

	program_add_base(&(struct firewall_host){0}, &shared);
	program_add_answer_sets(&shared);
	for (size_t i = 0; i < rules->set_count && rc == 0; i++)
		rc = check_set(&rules->sets[i], err);
	for (size_t i = 0; i < rules->chain_count && rc == 0; i++)
		rc = check_chain(rules, &shared, &rules->chains[i], err);
	return rc;
}

int carried_decode(const void *bytes, size_t length, struct ruleset *ret, struct err *err)
{
	cleanup_ruleset struct ruleset rules = {0};
	cleanup_free char *copy = xcalloc(1, length + 1);
	int left = (int)length, rc = 0;
	size_t last = 0;

	if (length > INT32_MAX)
		return err_set(err, E2BIG, "too long");
	memcpy(copy, bytes, length); /* as messages must be aligned */
	struct nlmsghdr *message = (struct nlmsghdr *)copy;
	for (; nlmsg_ok(message, left) && rc == 0; message = nlmsg_next(message, &left)) {
		rc = decode_one(message, &rules, &last, err);
		if (rc == 0 && (rules.chain_count > MAX_OBJECTS || rules.set_count > MAX_OBJECTS))
			rc = err_set(err, E2BIG, "more than %d chains or sets", MAX_OBJECTS);
	}
	if (rc == 0 && left > 0)
		rc = err_set(err, EBADMSG, "broken message");
	if (rc == 0)
		rc = check(&rules, err);
	if (rc < 0)
		return rc;
	*ret = rules;
	rules = (struct ruleset){0};
	return 0;
}
