/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of ports, out of the kernel and into it. */
#include "netfw/carried.h"

#include <errno.h>
#include <string.h>

#include "netfw/firewall_scope.h"
#include "netfw/firewall_socket.h"
#include "netfw/kernel_table.h"
#include "netfw/program.h"
#include "netfw/table.h"

struct carried_table {
	struct kernel_table have;
};

/* --- reading --- */

/* The names of what all ports share have no "-" in them; those of a port's own always have. */
static bool concerns(const char *name, const void *data)
{
	return !strchr(name, '-') || scope_owns(name, data);
}

int carried_load(struct firewall *firewall, const struct carried *ports, size_t count,
		 struct carried_table **ret, struct err *err)
{
	cleanup_carried_table struct carried_table *table = xcalloc(1, sizeof(*table));
	cleanup_scope struct scope scope = {0};

	for (size_t i = 0; i < count; i++)
		scope_add(&scope, ports[i].port.interface);
	int rc = kernel_table_load_names(firewall->netlink, &table->have, err);
	if (rc == 0)
		rc = kernel_table_load_content(firewall->netlink, &table->have, concerns, &scope,
					       err);
	if (rc < 0)
		return rc;
	*ret = steal_pointer(table);
	return 0;
}

void carried_table_freep(struct carried_table **table)
{
	if (*table)
		kernel_table_clear(&(*table)->have);
	free(*table);
	*table = NULL;
}

static bool is_foreign_set(const struct set *set)
{
	return set->field_count == 0 || set->verdicts;
}

static size_t count_foreign(const struct ruleset *objects, const char *prefix)
{
	size_t foreign = 0;

	for (size_t i = 0; i < objects->chain_count; i++) {
		const struct chain *chain = &objects->chains[i];
		if (!str_starts(chain->name, prefix))
			continue;
		foreign += chain->hook || chain->drops;
		for (size_t j = 0; j < chain->rule_count; j++)
			foreign += chain->rules[j].unknown;
	}
	for (size_t i = 0; i < objects->set_count; i++)
		foreign += str_starts(objects->sets[i].name, prefix) &&
			   is_foreign_set(&objects->sets[i]);
	return foreign;
}

/* A table that was switched off enforces nothing. */
void carried_look(const struct carried_table *table, struct carried *port)
{
	cleanup_free char *prefix = port_prefix(port->port.interface);
	const struct ruleset *objects = &table->have.objects;

	port->kind = table->have.dormant ? CARRIED_NONE : carried_kind_of(objects, prefix);
	port->foreign = port->kind == CARRIED_NONE ? 0 : count_foreign(objects, prefix);
}

/* Those that berth could have written. */
static void take_rules(struct chain *from, struct chain *to)
{
	for (size_t i = 0; i < from->rule_count; i++) {
		if (from->rules[i].unknown)
			continue;
		*chain_add_rule(to) = from->rules[i];
		from->rules[i] = (struct rule){0};
	}
	to->comment = steal_pointer(from->comment);
}

static void take_set(struct set *from, struct ruleset *rules)
{
	struct set *to = ruleset_add_set(rules, from->name);
	char *name = to->name;

	*to = *from;
	to->name = name;
	from->elements = NULL;
	from->element_count = 0;
}

static void take_objects(struct ruleset *from, const char *prefix, struct ruleset *to)
{
	for (size_t i = 0; i < from->chain_count; i++) {
		if (str_starts(from->chains[i].name, prefix))
			take_rules(&from->chains[i], ruleset_add_chain(to, from->chains[i].name));
	}
	for (size_t i = 0; i < from->set_count; i++) {
		if (str_starts(from->sets[i].name, prefix) && !is_foreign_set(&from->sets[i]))
			take_set(&from->sets[i], to);
	}
}

void carried_take(struct carried_table *table, struct carried *port)
{
	cleanup_free char *prefix = port_prefix(port->port.interface);

	carried_look(table, port);
	if (port->kind == CARRIED_NONE)
		return;
	take_objects(&table->have.objects, prefix, &port->rules);
	carried_rename(&port->rules, prefix, "-");
}

/* --- putting --- */

/* Appends what the port needs, under the names that it has here. */
static void build(const struct firewall_host *host, struct carried *port, struct ruleset *wanted)
{
	cleanup_free char *prefix = port_prefix(port->port.interface);
	struct building building = {host, &port->port, prefix, wanted};

	if (port->kind == CARRIED_STATELESS)
		program_add_answer_sets(wanted);
	program_add_zone(&building);
	carried_rename(&port->rules, "-", prefix);
	take_objects(&port->rules, prefix, wanted);
	ruleset_clear(&port->rules);
	program_add_map_elements(&building);
}

static bool is_so_already(const struct carried_table *table, const struct carried *ports,
			  size_t count, const struct ruleset *wanted)
{
	cleanup_scope struct scope scope = {.wanted = wanted};
	cleanup_transaction struct transaction transaction = {0};
	struct difference_scope rules = {scope_owns, scope_owns_element, &scope};

	for (size_t i = 0; i < count; i++)
		scope_add(&scope, ports[i].port.interface);
	difference_add(&table->have, wanted, &rules, NULL, &transaction, NULL);
	return transaction.count == 0 && table->have.exists;
}

int carried_put(struct firewall *firewall, const struct carried_table *table,
		const struct firewall_host *host, struct carried *ports, size_t count,
		struct err *err)
{
	cleanup_ruleset struct ruleset wanted = {0};
	cleanup_free struct firewall_port *identities = xcalloc(count + 1, sizeof(*identities));
	struct firewall_host here = *host;

	here.tracking = false;
	for (size_t i = 0; i < count; i++)
		here.tracking = here.tracking || ports[i].kind == CARRIED_TRACKING;
	program_add_base(&here, &wanted);
	for (size_t i = 0; i < count; i++) {
		build(&here, &ports[i], &wanted);
		identities[i] = ports[i].port;
	}
	if (table && is_so_already(table, ports, count, &wanted))
		return 0;
	return firewall_put_ruleset(firewall, &here, identities, count, &wanted, err);
}
