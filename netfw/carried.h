/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of ports that go from one host to another as the kernel holds them, whatever policy they
 * come from. */
#ifndef BERTH_NETFW_CARRIED_H
#define BERTH_NETFW_CARRIED_H

#include "base/strbuf.h"
#include "netfw/firewall.h"
#include "netfw/ruleset.h"

enum carried_kind {
	CARRIED_NONE,      /* there is no program */
	CARRIED_PLAIN,     /* it looks at addresses alone */
	CARRIED_TRACKING,  /* it looks at the connection that a packet is of */
	CARRIED_STATELESS, /* it knows answers by their ports and flags */
};

/**
 * struct carried - the program of one interface
 * @port: which it is: interface, guest, uuid, mac, zone, bridge, vlan_aware; nothing else counts
 * @kind: of @rules
 * @rules: the port's own chains and sets, with "-" in place of what an interface's name makes of
 *         their names: "-egress"
 * @foreign: rules and sets among them that aren't berth's, which are left out
 */
struct carried {
	struct firewall_port port;
	enum carried_kind kind;
	struct ruleset rules;
	size_t foreign;
};

void carried_clear(struct carried *carried);

/* The table of this host's kernel, as far as it concerns some ports. */
struct carried_table;

#define cleanup_carried_table cleanup(carried_table_freep)

/**
 * carried_load() - read what the kernel holds for these ports, and what all ports share
 * @ports: @port.interface is set
 *
 * Return: 0 and *@ret; or a negative errno.
 */
int carried_load(struct firewall *firewall, const struct carried *ports, size_t count,
		 struct carried_table **ret, struct err *err);
void carried_table_freep(struct carried_table **table);

/* carried_look() - set the port's @kind and @foreign. */
void carried_look(const struct carried_table *table, struct carried *port);

/* carried_take() - the same, and move its @rules out of the table. */
void carried_take(struct carried_table *table, struct carried *port);

/**
 * carried_put() - make the kernel hold these programs, and all that leads to them
 * @table: what it holds, as carried_load() read it a moment ago; NULL: it is read again
 * @host: its @tracking isn't looked at
 * @ports: their rules are taken
 *
 * In one transaction with what all ports share, as firewall_put(); other programs of the same guest
 * stay.
 *
 * Return: the number of changed objects, 0: everything was so already; or a negative errno, and
 * everything is as it was.
 */
int carried_put(struct firewall *firewall, const struct carried_table *table,
		const struct firewall_host *host, struct carried *ports, size_t count,
		struct err *err);

/* carried_encode() - append the rules as nf_tables messages: the same bytes for the same rules, in
 * whatever order the kernel lists them. They get sorted. */
void carried_encode(struct ruleset *rules, struct strbuf *out);

/**
 * carried_decode() - read what another host has encoded
 * @ret: on success to be cleared with ruleset_clear()
 *
 * Only what could be the program of one port is accepted: its own chains and sets, look-ups in
 * these or in the sets that all ports share, no chain at a hook, no maps, no zones, nothing that
 * berth doesn't write itself. So it can't name anything else in the kernel.
 *
 * Return: 0; -EBADMSG; or -E2BIG.
 */
int carried_decode(const void *bytes, size_t length, struct ruleset *ret, struct err *err);

/* carried_kind_of() - of the port whose objects' names begin with that. */
enum carried_kind carried_kind_of(const struct ruleset *rules, const char *prefix);

/* carried_rename() - change what the names of the port's own objects begin with. */
void carried_rename(struct ruleset *rules, const char *from, const char *to);

#endif
