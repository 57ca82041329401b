/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest's ports are on this host now. */
#include "hooks/gate_look.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hooks/gate_known_rules.h"

_Static_assert((int)GATE_PORT_OPEN == CARRIED_NONE && (int)GATE_PORT_PLAIN == CARRIED_PLAIN &&
		       (int)GATE_PORT_TRACKING == CARRIED_TRACKING &&
		       (int)GATE_PORT_STATELESS == CARRIED_STATELESS,
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

void gate_kernel_clear(struct gate_kernel *kernel)
{
	carried_table_freep(&kernel->table);
	firewall_closep(&kernel->firewall);
}

static void describe_rules(const struct carried *carried, struct gate_port *port)
{
	port->mode = (enum gate_mode)carried->kind;
	port->foreign = carried->foreign;
}

/* Rules whose port has no room are left out; their digest stays. */
static void take_rules(struct carried_table *table, struct carried *carried, size_t *room,
		       struct gate_port *port)
{
	cleanup_strbuf struct strbuf bytes = {0};

	carried_take(table, carried);
	describe_rules(carried, port);
	if (carried->kind == CARRIED_NONE)
		return;
	carried_encode(&carried->rules, &bytes);
	digest_of_bytes(bytes.text, bytes.length, port->digest);
	if (bytes.length > *room) {
		port->left_out_bytes = bytes.length;
		return;
	}
	*room -= bytes.length;
	port->rules_bytes = bytes.length;
	port->rules = strbuf_steal(&bytes);
}

/* The ports that may have a program. */
struct asked {
	struct carried *items;
	struct gate_port **ports;
	size_t count;
};

#define cleanup_asked cleanup(asked_clear)

static void asked_clear(struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		carried_clear(&asked->items[i]);
	free(asked->items);
	free(asked->ports);
}

static struct asked ask_for(struct gate_facts *facts)
{
	struct asked asked = {
		.items = xcalloc(facts->port_count + 1, sizeof(*asked.items)),
		.ports = xcalloc(facts->port_count + 1, sizeof(*asked.ports)),
	};

	for (size_t i = 0; i < facts->port_count; i++) {
		struct gate_port *port = &facts->ports[i];
		if (!port->in_policy || !port->interface ||
		    strlen(port->interface) >= FIREWALL_NAME_SIZE)
			continue;
		snprintf(asked.items[asked.count].port.interface, FIREWALL_NAME_SIZE, "%s",
			 port->interface);
		asked.ports[asked.count++] = port;
	}
	return asked;
}

/* The destination compares with rules that have come; it needs its own only where none have. */
static bool are_needed(const struct gate_view *view, const struct gate_port *port)
{
	const struct gate_port *there =
		view->there ? gate_facts_find_port(view->there, port->mac) : NULL;

	return !view->there || (there && there->left_out_bytes > 0);
}

static void read_rules(const struct gate_view *view, struct asked *asked)
{
	bool will_run_here = view->there || view->domain->incoming, taken = false;
	size_t room = will_run_here ? SIZE_MAX : GATE_MAX_RULES_BYTES;
	struct gate_kernel *kernel = view->kernel;

	for (size_t i = 0; i < asked->count; i++) {
		carried_look(kernel->table, &asked->items[i]);
		describe_rules(&asked->items[i], asked->ports[i]);
		if (!are_needed(view, asked->ports[i]))
			continue;
		take_rules(kernel->table, &asked->items[i], &room, asked->ports[i]);
		taken = true;
	}
	if (taken)
		carried_table_freep(&kernel->table);
}

/* Return: 1: all is known already; 0; or a negative errno. */
static int recall(const struct gate_view *view, struct gate_facts *facts, struct err *err)
{
	struct firewall_state state;

	if (!view->there)
		return 0;
	int rc = firewall_look(view->kernel->firewall, &state, err);
	return rc < 0 ? rc : gate_known_rules_recall(view->site, &state, facts);
}

static int look_at_rules(const struct gate_view *view, struct gate_facts *facts, struct err *err)
{
	cleanup_asked struct asked asked = ask_for(facts);
	struct gate_kernel *kernel = view->kernel;

	if (asked.count == 0)
		return 0;
	int rc = kernel->firewall ? 0 : firewall_open(&kernel->firewall, err);
	if (rc == 0)
		rc = recall(view, facts, err);
	if (rc == 0)
		rc = carried_load(kernel->firewall, asked.items, asked.count, &kernel->table, err);
	if (rc == 0)
		read_rules(view, &asked);
	return rc < 0 ? rc : 0;
}

int gate_look_at_ports(const struct gate_view *view, struct gate_facts *facts, struct err *err)
{
	for (size_t i = 0; i < view->domain->port_count; i++)
		describe(view->domain, &view->domain->ports[i], gate_facts_add_port(facts));
	return look_at_rules(view, facts, err);
}
