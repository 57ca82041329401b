/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a guest's ports, just before it runs here.
 *
 * Theory of operation: what the source's kernel enforced when the migration began is what this
 * host's is to enforce, be the rules here deleted meanwhile, or those there changed. So they come
 * as the kernel there has listed them, and the difference to what is here is one transaction;
 * mostly there is none.
 *
 * Where only one of the hosts tracks connections the same policy has become other rules. Then the
 * policy that came along is asked what it wants here, by the program that can read it.
 */
#include "hooks/gate_rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/command.h"
#include "base/log.h"
#include "netfw/carried.h"
#include "netfw/link.h"

#define BERTH_EVENT LIBEXECDIR "/berth/berth-event"
#define BERTH_EVENT_MS 4000

/* The ports whose rules are put. */
struct putting {
	struct carried *items;
	size_t count;
	bool ask_policy;
};

#define cleanup_putting cleanup(putting_clear)

static void putting_clear(struct putting *putting)
{
	for (size_t i = 0; i < putting->count; i++)
		carried_clear(&putting->items[i]);
	free(putting->items);
}

/* What leads to the port's rules, besides its interface: its VLAN's zone, on its bridge. */
static int describe_zone(const struct gate_view *view, struct firewall_port *port, uint16_t vlan,
			 struct err *err)
{
	cleanup_route struct route *route = NULL;
	struct link tap, bridge;

	if (!vlan)
		return 0;
	int rc = route_open(&route, err);
	if (rc == 0)
		rc = link_find(route, port->interface, &tap, err);
	if (rc == 1)
		rc = link_find_index(route, tap.master, &bridge, err);
	if (rc == 0)
		return err_set(err, ENODEV, "'%s' is no bridge's port", port->interface);
	if (rc < 0)
		return rc;
	port->zone = vlan;
	port->vlan_aware = !view->config || view->config->mode == NETWORK_AWARE;
	snprintf(port->bridge, sizeof(port->bridge), "%s", bridge.name);
	return 0;
}

static int add_port(const struct gate_view *view, const struct gate_port *here,
		    const struct gate_port *rules_of, struct putting *putting, struct err *err)
{
	struct carried *carried = &putting->items[putting->count++];

	if (!here->interface || strlen(here->interface) >= FIREWALL_NAME_SIZE)
		return err_set(err, ENODEV, "it has no interface on this host");
	snprintf(carried->port.interface, FIREWALL_NAME_SIZE, "%s", here->interface);
	carried->port.guest = xstrdup(view->domain->name);
	carried->port.uuid = xstrdup(view->domain->uuid);
	if (!mac_parse(here->mac, &carried->port.mac))
		return err_set(err, EINVAL, "that is no MAC address");
	int rc = carried_decode(rules_of->rules, rules_of->rules_bytes, &carried->rules, err);
	if (rc < 0)
		return err_wrap(err, "rules");
	carried->kind = carried_kind_of(&carried->rules, "-");
	return describe_zone(view, &carried->port, here->vlan, err);
}

static int collect(const struct gate_view *view, const struct gate_case *given,
		   struct putting *putting, struct err *err)
{
	const struct gate_facts *there = given->there, *here = given->here;
	int rc = 0;

	putting->items = xcalloc(there->port_count + 1, sizeof(*putting->items));
	for (size_t i = 0; i < there->port_count && rc == 0; i++) {
		const struct gate_port *port = gate_facts_find_port(here, there->ports[i].mac);
		enum gate_port_deed deed;
		rc = gate_compare_port(given, &there->ports[i], port, &deed, err);
		if (rc == 0 && deed == GATE_PORT_PUT)
			rc = add_port(view, port, &there->ports[i], putting, err);
		else if (rc == 0 && deed == GATE_PORT_KEEP)
			rc = add_port(view, port, port, putting, err);
		else if (rc == 0 && deed == GATE_PORT_POLICY)
			putting->ask_policy = true;
		if (rc < 0)
			return err_wrap(err, "interface '%s'", port->mac);
	}
	return 0;
}

static int put(const struct gate_view *view, const struct gate_case *given, struct putting *putting,
	       struct err *err)
{
	struct gate_kernel *kernel = view->kernel;
	struct firewall_host host = {0};

	if (putting->count == 0)
		return 0;
	if (view->config) {
		host.closed = (const char *const *)view->config->closed.items;
		host.closed_count = view->config->closed.count;
	}
	/* Who has asked the policy has changed what the table was read for. */
	const struct carried_table *table = putting->ask_policy ? NULL : kernel->table;
	int rc = kernel->firewall ? 0 : firewall_open(&kernel->firewall, err);
	if (rc == 0)
		rc = carried_put(kernel->firewall, table, &host, putting->items, putting->count,
				 err);
	if (rc > 0)
		log_note("%s: the rules of its ports were not those of host '%s'; %d objects are "
			 "put right",
			 view->domain->name, given->there->host, rc);
	return rc < 0 ? err_wrap(err, "the rules of host '%s'", given->there->host) : 0;
}

static int ask_policy(const struct gate_view *view, const struct strbuf *xml, struct err *err)
{
	const char *const argv[] = {BERTH_EVENT, view->domain->name, "gate", "begin", "-", NULL};
	struct command command = {
		.argv = argv,
		.timeout_ms = BERTH_EVENT_MS,
		.input = xml->text + view->domain->xml_begin,
		.input_length = view->domain->xml_end - view->domain->xml_begin,
	};

	int rc = command_run(&command, NULL, err);
	cleanup_free char *begin = xasprintf("berth: %s: ", view->domain->name);
	cleanup_free char *text = xstrdup(err->text);
	const char *words = rc < 0 ? strstr(text, begin) : NULL;
	return words ? err_set(err, err->code, "%s", words + strlen(begin)) : rc;
}

int gate_put_rules(const struct gate_view *view, const struct gate_case *given,
		   const struct strbuf *xml, struct err *err)
{
	cleanup_putting struct putting putting = {0};

	if (given->there->port_count == 0)
		return 0;
	int rc = collect(view, given, &putting, err);
	/* All ports of the policy: those whose rules have come get them behind this. */
	if (rc == 0 && putting.ask_policy)
		rc = ask_policy(view, xml, err);
	return rc < 0 ? rc : put(view, given, &putting, err);
}
