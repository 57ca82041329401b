/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel holds: which ports have programs, and what these have counted. What it can. */
#include "netfw/firewall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netfw/encode.h"
#include "netfw/firewall_socket.h"
#include "netfw/kernel_table.h"
#include "netfw/table.h"

/* --- programs --- */

static bool drops(const struct rule *rule)
{
	const struct statement *last =
		rule->statement_count ? &rule->statements[rule->statement_count - 1] : NULL;

	return last && last->kind == STATEMENT_VERDICT && last->verdict == VERDICT_DROP;
}

static uint64_t count_dropped(const struct chain *chain)
{
	uint64_t dropped = 0;

	for (size_t i = 0; i < chain->rule_count; i++)
		dropped += drops(&chain->rules[i]) ? chain->rules[i].packets : 0;
	return dropped;
}

/* @what: the chain's name behind the port's prefix. */
static void count_chain(const struct chain *chain, const char *what,
			struct firewall_program *program)
{
	enum firewall_direction direction =
		str_starts(what, "ingress") ? FIREWALL_INGRESS : FIREWALL_EGRESS;

	program->dropped[direction] += count_dropped(chain);
	/* A port's chain begins with the rule that counts everything. */
	if ((str_equal(what, "ingress") || str_equal(what, "egress")) && chain->rule_count > 0)
		program->packets[direction] = chain->rules[0].packets;
}

static int compare_chains(const void *a, const void *b)
{
	return strcmp(((const struct chain *)a)->name, ((const struct chain *)b)->name);
}

/* The first of the sorted chains that doesn't stand before that name. */
static size_t find_first(const struct ruleset *objects, const char *name)
{
	size_t low = 0, high = objects->chain_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(objects->chains[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void count(const struct ruleset *objects, struct firewall_program *program)
{
	cleanup_free char *prefix = port_prefix(program->interface);

	for (size_t i = find_first(objects, prefix); i < objects->chain_count; i++) {
		const struct chain *chain = &objects->chains[i];
		if (!str_starts(chain->name, prefix))
			break;
		count_chain(chain, chain->name + strlen(prefix), program);
	}
}

static int compare_interfaces(const void *a, const void *b)
{
	return strcmp(((const struct firewall_program *)a)->interface,
		      ((const struct firewall_program *)b)->interface);
}

static size_t list_programs(struct kernel_table *table, const struct set *map,
			    struct firewall_program *ret)
{
	size_t found = 0;

	if (table->objects.chain_count > 0)
		qsort(table->objects.chains, table->objects.chain_count,
		      sizeof(*table->objects.chains), compare_chains);
	for (size_t i = 0; i < map->element_count; i++) {
		const struct element *element = &map->elements[i];
		struct firewall_program program = {0};
		memcpy(program.interface, element->first, FIREWALL_NAME_SIZE - 1);
		if (!element->comment || !port_comment_parse(element->comment, &program.mac,
							     &program.uuid, &program.guest))
			continue;
		count(&table->objects, &program);
		ret[found++] = program;
	}
	qsort(ret, found, sizeof(*ret), compare_interfaces);
	return found;
}

int firewall_list(struct firewall *firewall, struct firewall_program **ret, struct err *err)
{
	cleanup_kernel_table struct kernel_table table = {0};

	int rc = kernel_table_load_names(firewall->netlink, &table, err);
	struct set *map = ruleset_find_set(&table.objects, MAP_FROM_GUEST);
	*ret = NULL;
	if (rc < 0 || !map)
		return rc;
	rc = kernel_table_load_elements(firewall->netlink, map, err);
	if (rc == 0)
		rc = kernel_table_load_rules(firewall->netlink, &table, err);
	if (rc < 0)
		return rc;
	*ret = xcalloc(map->element_count + 1, sizeof(**ret));
	return (int)list_programs(&table, map, *ret);
}

void firewall_programs_free(struct firewall_program *programs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(programs[i].guest);
		free(programs[i].uuid);
	}
	free(programs);
}

/* --- what the kernel can --- */

static int try_rule(struct firewall *firewall, const struct chain *chain, struct err *err)
{
	cleanup_transaction struct transaction trial = {0};

	transaction_add(&trial, encode_table(), "table", NULL);
	transaction_add(&trial, encode_chain(chain), "chain", chain->name);
	transaction_add(&trial, encode_rule(chain->name, &chain->rules[0], 0), "rule of chain",
			chain->name);
	return transaction_try(&trial, firewall->netlink, err);
}

static struct rule *probe_rule(struct ruleset *probe)
{
	return chain_add_rule(ruleset_add_chain(probe, "probe"));
}

/* Return: 1; 0 and @err says @missing; or a negative errno. */
static int probe(struct firewall *firewall, const struct ruleset *probe, const char *missing,
		 struct err *err)
{
	struct err why;
	int rc = try_rule(firewall, &probe->chains[0], &why);

	if (rc == -EPROTO || rc == -EOPNOTSUPP || rc == -ENOENT || rc == -EPROTONOSUPPORT) {
		err_set(err, -rc, "%s", missing);
		return 0;
	}
	if (rc < 0)
		*err = why;
	return rc < 0 ? rc : 1;
}

int firewall_can_track(struct firewall *firewall, struct err *err)
{
	cleanup_ruleset struct ruleset state = {0}, zone = {0}, bridge = {0};

	rule_match_bits(probe_rule(&state), FIELD_CT_STATE, 1);
	rule_add(probe_rule(&zone), STATEMENT_ZONE)->zone = 1;
	rule_match_number(probe_rule(&bridge), FIELD_BRIDGE_PVID, COMPARE_EQUAL, 1);
	int rc = probe(firewall, &state,
		       "this kernel has no connection tracking of bridged packets (module "
		       "nf_conntrack_bridge)",
		       err);
	if (rc > 0)
		rc = probe(firewall, &zone,
			   "this kernel has no zones of connection tracking "
			   "(CONFIG_NF_CONNTRACK_ZONES)",
			   err);
	if (rc > 0)
		rc = probe(firewall, &bridge,
			   "this kernel's rules can't ask for a packet's bridge (module "
			   "nft_meta_bridge)",
			   err);
	return rc;
}
