/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of ports in the kernel.
 *
 * Theory of operation: nothing is remembered between two calls; what the kernel holds is read,
 * compared with what is wanted, and the difference is one transaction. Whose a program is, its
 * interface's element in the map tells. The transaction carries the generation of the ruleset that
 * was read: if somebody changed it meanwhile, the kernel refuses, and all of it begins again.
 *
 * Invariant: no object outside `table bridge berth` is ever named in a message.
 */
#include "netfw/firewall.h"

#include <errno.h>
#include <linux/netlink.h>

#include "netfw/encode.h"
#include "netfw/firewall_scope.h"
#include "netfw/firewall_socket.h"
#include "netfw/kernel_table.h"
#include "netfw/netlink.h"
#include "netfw/table.h"

#define TRIES 6

int firewall_open(struct firewall **ret, struct err *err)
{
	struct netlink *netlink = NULL;
	int rc = netlink_open(NETLINK_NETFILTER, &netlink, err);

	if (rc < 0)
		return err_wrap(err, "nf_tables");
	*ret = xcalloc(1, sizeof(**ret));
	(*ret)->netlink = netlink;
	return 0;
}

/* The kernel lets nobody close such a socket before everything that was deleted is really free:
 * some 15 ms (net/netfilter/nf_tables_api.c, nft_rcv_nl_event()). Somebody else waits for that. */
void firewall_closep(struct firewall **firewall)
{
	if (!*firewall)
		return;
	if ((*firewall)->has_deleted)
		netlink_close_later(&(*firewall)->netlink);
	else
		netlink_closep(&(*firewall)->netlink);
	free(*firewall);
	*firewall = NULL;
}

/* The generation is asked for last: if it is one that was seen before, nothing has changed since.
 */
int firewall_look(struct firewall *firewall, struct firewall_state *ret, struct err *err)
{
	struct kernel_table table;

	*ret = (struct firewall_state){0};
	int rc = kernel_table_find(firewall->netlink, &table, err);
	if (rc == 0)
		rc = kernel_table_generation(firewall->netlink, &ret->generation, err);
	if (rc < 0)
		return err_wrap(err, "read nf_tables");
	ret->is_enforced = table.exists && !table.dormant;
	return 0;
}

void firewall_port_clear(struct firewall_port *port)
{
	free(port->guest);
	free(port->uuid);
	free(port->sources);
	for (size_t i = 0; i < port->rule_count; i++)
		free(port->rules[i].label);
	free(port->rules);
	for (size_t i = 0; i < port->group_count; i++) {
		free(port->groups[i].name);
		free(port->groups[i].members);
	}
	free(port->groups);
	*port = (struct firewall_port){0};
}

/* --- changing --- */

/* What the kernel holds of all that concerns this call. */
static int load(struct firewall *firewall, const char *uuid, struct scope *scope,
		struct kernel_table *ret, struct err *err)
{
	int rc = kernel_table_load_names(firewall->netlink, ret, err);
	struct set *map = ruleset_find_set(&ret->objects, MAP_FROM_GUEST);

	if (rc == 0 && map)
		rc = kernel_table_load_elements(firewall->netlink, map, err);
	if (rc < 0)
		return rc;
	scope_find(scope, ret, uuid);
	return kernel_table_load_content(firewall->netlink, ret, scope_concerns, scope, err);
}

static bool has_program(const struct kernel_table *table, const struct firewall_port *ports,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *prefix = port_prefix(ports[i].interface);
		cleanup_free char *name = xasprintf("%segress", prefix);
		if (ruleset_find_chain(&table->objects, name))
			return true;
	}
	return false;
}

/* Sets that were made for a transaction which then failed. */
static void take_back(struct firewall *firewall, const struct ruleset *wanted,
		      const struct kernel_table *have)
{
	for (size_t i = 0; i < wanted->set_count; i++) {
		cleanup_transaction struct transaction back = {0};
		const char *name = wanted->sets[i].name;
		struct err err;
		if (!wanted->sets[i].intervals || ruleset_find_set(&have->objects, name))
			continue;
		transaction_add(&back, encode_set_delete(name), "set", name);
		transaction_commit(&back, firewall->netlink, 0, &err);
	}
}

static int commit(struct firewall *firewall, const struct transaction *early,
		  const struct transaction *transaction, uint32_t generation, struct err *err)
{
	int rc = transaction_commit(early, firewall->netlink, generation, err);

	if (rc < 0)
		return rc;
	/* The ruleset is of another generation by now, and this time by us. */
	rc = transaction_commit(transaction, firewall->netlink,
				early->message_count ? 0 : generation, err);
	firewall->has_deleted = firewall->has_deleted || transaction->deletes;
	return rc;
}

/* One call: @ports and what all share are to be there, and nothing else of @uuid. */
struct change {
	const struct firewall_host *host;
	const struct firewall_port *ports;
	size_t count;
	const char *uuid;
};

static int compile(const struct change *change, struct ruleset *ret, struct err *err)
{
	int rc = 0;

	program_add_base(change->host, ret);
	for (size_t i = 0; i < change->count && rc == 0; i++)
		rc = program_add_port(change->host, &change->ports[i], ret, err);
	return rc;
}

/* Whether other ports than those that go need the table. */
static bool is_needed(const struct change *change, const struct kernel_table *have,
		      const struct scope *scope)
{
	const struct set *map = ruleset_find_set(&have->objects, MAP_FROM_GUEST);

	if (change->count > 0 || change->host->closed_count > 0)
		return true;
	for (size_t i = 0; map && i < map->element_count; i++) {
		if (!scope_owns_element(map, &map->elements[i], scope))
			return true;
	}
	return false;
}

static int try_change(struct firewall *firewall, const struct change *change,
		      const struct ruleset *wanted, bool any_generation, struct err *err)
{
	cleanup_kernel_table struct kernel_table have = {0};
	cleanup_scope struct scope scope = {.wanted = wanted};
	cleanup_transaction struct transaction early = {0}, transaction = {0};
	struct difference_scope rules = {scope_owns, scope_owns_element, &scope};

	for (size_t i = 0; i < change->count; i++)
		scope_add(&scope, change->ports[i].interface);
	int rc = load(firewall, change->uuid, &scope, &have, err);
	if (rc < 0)
		return rc;
	if (is_needed(change, &have, &scope)) {
		bool swaps = has_program(&have, change->ports, change->count);
		difference_add(&have, wanted, &rules, swaps ? &early : NULL, &transaction, NULL);
	} else if (have.exists) {
		transaction_add(&transaction, encode_table_delete(), "table", NULL);
		transaction.count = have.objects.chain_count + have.objects.set_count;
	}
	rc = commit(firewall, &early, &transaction, any_generation ? 0 : have.generation, err);
	if (rc < 0 && early.message_count > 0)
		take_back(firewall, wanted, &have);
	return rc < 0 ? rc : (int)transaction.count;
}

/* -ERESTART and the like: somebody changed the ruleset between our look and our change. */
static bool is_passing(int rc)
{
	return rc == -ERESTART || rc == -ENOENT || rc == -EEXIST || rc == -EBUSY || rc == -EAGAIN;
}

/* Somebody has switched the table off; in one transaction with changes of chains at hooks the
 * kernel doesn't let it be switched on. Return: 1: it has been; 0: it was not off. */
static int wake(struct firewall *firewall, struct err *err)
{
	cleanup_kernel_table struct kernel_table table = {0};
	cleanup_transaction struct transaction on = {0};

	int rc = kernel_table_find(firewall->netlink, &table, err);
	if (rc < 0)
		return err_wrap(err, "read nf_tables");
	if (!table.dormant)
		return 0;
	transaction_add(&on, encode_table(), "table", TABLE_NAME);
	rc = transaction_commit(&on, firewall->netlink, 0, err);
	return rc < 0 ? rc : 1;
}

static int make_change_to(struct firewall *firewall, const struct change *change,
			  const struct ruleset *wanted, struct err *err)
{
	int woken = wake(firewall, err);
	int rc = woken;

	if (woken < 0)
		return woken;
	for (int i = 1; i <= TRIES; i++) {
		rc = try_change(firewall, change, wanted, i == TRIES, err);
		if (rc >= 0)
			return rc + woken;
		if (!is_passing(rc))
			return rc;
	}
	return rc;
}

static int make_change(struct firewall *firewall, const struct change *change, struct err *err)
{
	cleanup_ruleset struct ruleset wanted = {0};
	int rc = compile(change, &wanted, err);

	return rc < 0 ? rc : make_change_to(firewall, change, &wanted, err);
}

int firewall_put(struct firewall *firewall, const struct firewall_host *host,
		 const struct firewall_port *ports, size_t count, struct err *err)
{
	struct change change = {host, ports, count, count > 0 ? ports[0].uuid : NULL};

	return make_change(firewall, &change, err);
}

int firewall_remove(struct firewall *firewall, const struct firewall_host *host, const char *uuid,
		    struct err *err)
{
	struct change change = {.host = host, .uuid = uuid};
	int rc = make_change(firewall, &change, err);

	/* Where there is no nf_tables, there is nothing to remove. */
	return rc == -EOPNOTSUPP && host->closed_count == 0 ? 0 : rc;
}

/* --- looking --- */

int firewall_compare(struct firewall *firewall, const struct firewall_host *host,
		     const struct firewall_port *port, struct strbuf *differences, struct err *err)
{
	struct change change = {host, port, 1, NULL};
	cleanup_ruleset struct ruleset wanted = {0};
	cleanup_kernel_table struct kernel_table have = {0};
	cleanup_scope struct scope scope = {.wanted = &wanted};
	cleanup_transaction struct transaction transaction = {0};
	struct difference_scope rules = {scope_owns, scope_owns_element, &scope};

	int rc = compile(&change, &wanted, err);
	if (rc < 0)
		return rc;
	scope_add(&scope, port->interface);
	rc = kernel_table_load_names(firewall->netlink, &have, err);
	if (rc == 0)
		rc = kernel_table_load_content(firewall->netlink, &have, scope_concerns_or_map,
					       &scope, err);
	if (rc < 0)
		return rc;
	difference_add(&have, &wanted, &rules, NULL, &transaction, differences);
	return transaction.count > 0;
}

void firewall_print(const struct firewall_host *host, const struct firewall_port *ports,
		    size_t count, struct strbuf *out)
{
	struct change change = {host, ports, count, NULL};
	cleanup_ruleset struct ruleset ruleset = {0};
	struct err err;

	if (compile(&change, &ruleset, &err) == 0)
		ruleset_print(&ruleset, out);
}
