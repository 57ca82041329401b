/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest's ports are on this host now. */
#include "gate/look.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "gate/known_rules.h"
#include "netfw/link.h"
#include "netfw/port_rules.h"

_Static_assert((int)GATE_PORT_OPEN == PORT_RULES_NONE && (int)GATE_PORT_PLAIN == PORT_RULES_PLAIN &&
		       (int)GATE_PORT_TRACKING == PORT_RULES_TRACKING &&
		       (int)GATE_PORT_STATELESS == PORT_RULES_STATELESS,
	       "the same kinds");

static const struct running_policy_port *find_policy(const struct running_domain *domain,
						     const char *mac)
{
	for (size_t i = 0; i < domain->policy_port_count; i++) {
		if (strcasecmp(domain->policy_ports[i].mac, mac) == 0)
			return &domain->policy_ports[i];
	}
	return NULL;
}

static void describe(const struct running_domain *domain, const struct running_port *from,
		     struct gate_port *port)
{
	const struct running_policy_port *policy = find_policy(domain, from->mac);

	port->mac = xstrdup(from->mac);
	port->interface = xstrdup(from->target);
	port->in_policy = policy != NULL;
	port->vlan = policy ? policy->vlan : 0;
}

/* --- the ports that may have rules --- */

struct asked {
	struct firewall_port *items;
	struct gate_port **ports;
	size_t count;
};

#define cleanup_asked cleanup(asked_clear)

static void asked_clear(struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		firewall_port_clear(&asked->items[i]);
	free(asked->items);
	free(asked->ports);
}

static struct asked ask_for(const struct gate_view *view, struct gate_facts *facts)
{
	struct asked asked = {
		.items = xcalloc(facts->port_count + 1, sizeof(*asked.items)),
		.ports = xcalloc(facts->port_count + 1, sizeof(*asked.ports)),
	};

	for (size_t i = 0; i < facts->port_count; i++) {
		struct gate_port *port = &facts->ports[i];
		struct firewall_port *item = &asked.items[asked.count];
		if (!port->in_policy || !port->interface ||
		    strlen(port->interface) >= FIREWALL_NAME_SIZE ||
		    !mac_parse(port->mac, &item->mac))
			continue;
		snprintf(item->interface, FIREWALL_NAME_SIZE, "%s", port->interface);
		item->guest = xstrdup(view->domain->name);
		item->uuid = xstrdup(view->domain->uuid);
		asked.ports[asked.count++] = port;
	}
	return asked;
}

/* --- looking --- */

static void read_rules(struct port_table *table, const struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++) {
		cleanup_strbuf struct strbuf bytes = {0};
		struct gate_port *port = asked->ports[i];
		port->mode = (enum gate_mode)port_table_take(table, port->interface, &bytes,
							     &port->foreign);
		if (port->mode != GATE_PORT_OPEN)
			digest_of_bytes(bytes.text, bytes.length, port->digest);
	}
}

static bool has_what_is_wanted(const struct gate_port *port)
{
	return port->mode == port->wanted_mode && port->foreign == 0 &&
	       strcmp(port->digest, port->wanted) == 0;
}

/* What leads to the port's rules, besides its interface: its VLAN's zone, on its bridge. Return:
 * false where that can't be told. */
static bool find_zone(const struct gate_view *view, uint16_t vlan, struct firewall_port *item)
{
	cleanup_route struct route *route = NULL;
	struct link tap, bridge;
	struct err err;

	if (!vlan)
		return true;
	if (route_open(&route, &err) < 0 || link_find(route, item->interface, &tap, &err) != 1 ||
	    link_find_index(route, tap.master, &bridge, &err) != 1)
		return false;
	item->zone = vlan;
	item->vlan_aware = !view->config || view->config->mode == NETWORK_AWARE;
	snprintf(item->bridge, sizeof(item->bridge), "%s", bridge.name);
	return true;
}

static void settle(const struct gate_view *view, const struct port_table *table,
		   const struct asked *asked)
{
	struct firewall_host host = {0};

	if (view->config) {
		host.closed = (const char *const *)view->config->closed.items;
		host.closed_count = view->config->closed.count;
	}
	for (size_t i = 0; i < asked->count; i++) {
		const struct gate_port *port = asked->ports[i];
		if (!has_what_is_wanted(port) || !find_zone(view, port->vlan, &asked->items[i]))
			return;
		host.tracking = host.tracking || port->mode == GATE_PORT_TRACKING;
		asked->items[i].filtered = port->mode == GATE_PORT_STATELESS;
	}
	if (!port_table_leads_to(table, &host, asked->items, asked->count))
		return;
	for (size_t i = 0; i < asked->count; i++)
		asked->ports[i]->is_settled = true;
}

static int look_at_kernel(const struct gate_view *view, struct firewall *firewall,
			  const struct asked *asked, struct err *err)
{
	cleanup_port_table struct port_table *table = NULL;

	int rc = port_table_load(firewall, asked->items, asked->count, &table, err);
	if (rc < 0)
		return rc;
	read_rules(table, asked);
	if (view->there)
		settle(view, table, asked);
	return 0;
}

static int look_at_rules(const struct gate_view *view, struct gate_facts *facts, struct err *err)
{
	cleanup_asked struct asked asked = ask_for(view, facts);
	cleanup_firewall struct firewall *firewall = NULL;
	struct firewall_state state;

	if (asked.count == 0)
		return 0;
	int rc = firewall_open(&firewall, err);
	if (rc == 0 && view->there)
		rc = firewall_look(firewall, &state, err);
	if (rc < 0)
		return rc;
	if (view->there &&
	    gate_known_rules_recall(view->site, &state, facts) != GATE_RULES_WERE_SEEN)
		return 0;
	return look_at_kernel(view, firewall, &asked, err);
}

int gate_look_at_ports(const struct gate_view *view, struct gate_facts *facts, struct err *err)
{
	for (size_t i = 0; i < view->domain->port_count; i++)
		describe(view->domain, &view->domain->ports[i], gate_facts_add_port(facts));
	return look_at_rules(view, facts, err);
}
