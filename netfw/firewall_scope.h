/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: what one change of the firewall is about. */
#ifndef BERTH_NETFW_FIREWALL_SCOPE_H
#define BERTH_NETFW_FIREWALL_SCOPE_H

#include "netfw/kernel_table.h"

/**
 * struct scope - what one call may change
 * @prefixes: of the interfaces whose objects it may remove
 * @wanted: what is to be there afterwards
 */
struct scope {
	char **prefixes;
	size_t count;
	const struct ruleset *wanted;
};

#define cleanup_scope cleanup(scope_clear)

void scope_clear(struct scope *scope);
void scope_add(struct scope *scope, const char *interface);

/* scope_find() - add the interfaces that are gone, and those of this guest. @uuid: NULL: of none */
void scope_find(struct scope *scope, const struct kernel_table *table, const char *uuid);

/* For struct difference_scope. @data: the scope */
bool scope_owns(const char *name, const void *data);
bool scope_owns_element(const struct set *map, const struct element *element, const void *data);

/* Which objects must be read: of these interfaces, and those that are wanted; the map of guests has
 * been read before, except where the whole is to be read. */
bool scope_concerns(const char *name, const void *data);
bool scope_concerns_or_map(const char *name, const void *data);

#endif
