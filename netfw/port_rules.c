/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of ports, out of the kernel. */
#include "netfw/port_rules.h"

#include <string.h>

#include "netfw/encode.h"
#include "netfw/firewall_scope.h"
#include "netfw/firewall_socket.h"
#include "netfw/kernel_table.h"
#include "netfw/netlink.h"
#include "netfw/program.h"
#include "netfw/table.h"

/* What stands for the part of a name that an interface's name makes. */
#define ANY_PORT "-"

struct port_table {
	struct kernel_table have;
};

/* --- reading --- */

/* The names of what all ports share have no "-" in them; those of a port's own always have. */
static bool concerns(const char *name, const void *data)
{
	return !strchr(name, '-') || scope_owns(name, data);
}

int port_table_load(struct firewall *firewall, const struct firewall_port *ports, size_t count,
		    struct port_table **ret, struct err *err)
{
	cleanup_port_table struct port_table *table = xcalloc(1, sizeof(*table));
	cleanup_scope struct scope scope = {0};

	for (size_t i = 0; i < count; i++)
		scope_add(&scope, ports[i].interface);
	int rc = kernel_table_load_names(firewall->netlink, &table->have, err);
	if (rc == 0)
		rc = kernel_table_load_content(firewall->netlink, &table->have, concerns, &scope,
					       err);
	if (rc < 0)
		return rc;
	*ret = steal_pointer(table);
	return 0;
}

void port_table_freep(struct port_table **table)
{
	if (*table)
		kernel_table_clear(&(*table)->have);
	free(*table);
	*table = NULL;
}

/* --- the kind --- */

static bool is_answer_set(const char *name)
{
	return str_equal(name, SET_ICMP_ANSWERS) || str_equal(name, SET_ICMPV6_ANSWERS) ||
	       str_equal(name, SET_WITH_PORTS) || str_equal(name, SET_OTHERWISE_ANSWERED);
}

static enum port_rules_kind kind_of_rule(const struct rule *rule)
{
	for (size_t i = 0; i < rule->statement_count; i++) {
		const struct statement *statement = &rule->statements[i];
		if (statement->kind == STATEMENT_MATCH && statement->fields[0] == FIELD_CT_STATE)
			return PORT_RULES_TRACKING;
		if (statement->kind == STATEMENT_LOOKUP && is_answer_set(statement->name))
			return PORT_RULES_STATELESS;
	}
	return PORT_RULES_PLAIN;
}

static bool has_chain(const struct ruleset *rules, const char *what)
{
	cleanup_free char *name = xasprintf(ANY_PORT "%s", what);

	return ruleset_find_chain(rules, name);
}

static enum port_rules_kind kind_of(const struct ruleset *rules)
{
	if (!has_chain(rules, "egress") || !has_chain(rules, "ingress"))
		return PORT_RULES_NONE;
	for (size_t i = 0; i < rules->chain_count; i++) {
		const struct chain *chain = &rules->chains[i];
		for (size_t j = 0; j < chain->rule_count; j++) {
			enum port_rules_kind kind = kind_of_rule(&chain->rules[j]);
			if (kind != PORT_RULES_PLAIN)
				return kind;
		}
	}
	return PORT_RULES_PLAIN;
}

/* --- taking --- */

/* Those that berth could have written. Return: how many are left. */
static size_t take_rules(struct chain *from, struct chain *to)
{
	size_t left = from->hook || from->drops;

	for (size_t i = 0; i < from->rule_count; i++) {
		if (from->rules[i].unknown) {
			left++;
			continue;
		}
		*chain_add_rule(to) = from->rules[i];
		from->rules[i] = (struct rule){0};
	}
	to->comment = steal_pointer(from->comment);
	return left;
}

static size_t take_set(struct set *from, struct ruleset *rules)
{
	if (from->field_count == 0 || from->verdicts)
		return 1;
	struct set *to = ruleset_add_set(rules, from->name);
	char *name = to->name;

	*to = *from;
	to->name = name;
	from->elements = NULL;
	from->element_count = 0;
	return 0;
}

static size_t take_objects(struct ruleset *from, const char *prefix, struct ruleset *to)
{
	size_t foreign = 0;

	for (size_t i = 0; i < from->chain_count; i++) {
		struct chain *chain = &from->chains[i];
		if (str_starts(chain->name, prefix))
			foreign += take_rules(chain, ruleset_add_chain(to, chain->name));
	}
	for (size_t i = 0; i < from->set_count; i++) {
		if (str_starts(from->sets[i].name, prefix))
			foreign += take_set(&from->sets[i], to);
	}
	return foreign;
}

static void rename_one(char **name, const char *prefix)
{
	if (!*name || !str_starts(*name, prefix))
		return;
	char *other = xasprintf(ANY_PORT "%s", *name + strlen(prefix));
	free(*name);
	*name = other;
}

static void rename_all(struct ruleset *rules, const char *prefix)
{
	for (size_t i = 0; i < rules->set_count; i++)
		rename_one(&rules->sets[i].name, prefix);
	for (size_t i = 0; i < rules->chain_count; i++) {
		struct chain *chain = &rules->chains[i];
		rename_one(&chain->name, prefix);
		for (size_t j = 0; j < chain->rule_count; j++) {
			struct rule *rule = &chain->rules[j];
			for (size_t k = 0; k < rule->statement_count; k++)
				rename_one(&rule->statements[k].name, prefix);
		}
	}
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

static void encode_all(struct ruleset *rules, struct strbuf *out)
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

enum port_rules_kind port_table_take(struct port_table *table, const char *interface,
				     struct strbuf *bytes, size_t *foreign)
{
	cleanup_free char *prefix = port_prefix(interface);
	cleanup_ruleset struct ruleset rules = {0};

	*foreign = take_objects(&table->have.objects, prefix, &rules);
	rename_all(&rules, prefix);
	enum port_rules_kind kind = table->have.dormant ? PORT_RULES_NONE : kind_of(&rules);
	if (kind == PORT_RULES_NONE)
		*foreign = 0;
	else
		encode_all(&rules, bytes);
	return kind;
}

/* --- what leads to them --- */

bool port_table_leads_to(const struct port_table *table, const struct firewall_host *host,
			 const struct firewall_port *ports, size_t count)
{
	cleanup_ruleset struct ruleset wanted = {0};
	cleanup_scope struct scope scope = {.wanted = &wanted};
	cleanup_transaction struct transaction transaction = {0};
	struct difference_scope others = {scope_owns, scope_owns_element, &scope};

	program_add_base(host, &wanted);
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *prefix = port_prefix(ports[i].interface);
		struct building building = {host, &ports[i], prefix, &wanted};
		if (ports[i].filtered && !host->tracking)
			program_add_answer_sets(&wanted);
		program_add_zone(&building);
		program_add_map_elements(&building);
	}
	difference_add(&table->have, &wanted, &others, NULL, &transaction, NULL);
	return table->have.exists && transaction.count == 0;
}
