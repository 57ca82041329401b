/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one change is about: whose objects may go. */
#include "netfw/firewall_scope.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netfw/table.h"

void scope_clear(struct scope *scope)
{
	for (size_t i = 0; i < scope->count; i++)
		free(scope->prefixes[i]);
	free(scope->prefixes);
}

bool scope_owns(const char *name, const void *data)
{
	const struct scope *scope = data;

	for (size_t i = 0; i < scope->count; i++) {
		if (str_starts(name, scope->prefixes[i]))
			return true;
	}
	return false;
}

bool scope_owns_element(const struct set *map, const struct element *element, const void *data)
{
	char interface[FIREWALL_NAME_SIZE + 1] = "";

	if (!str_equal(map->name, MAP_FROM_GUEST) && !str_equal(map->name, MAP_TO_GUEST))
		return false;
	memcpy(interface, element->first, FIREWALL_NAME_SIZE);
	cleanup_free char *prefix = port_prefix(interface);
	return scope_owns(prefix, data);
}

bool scope_concerns_or_map(const char *name, const void *data)
{
	const struct scope *scope = data;

	return scope_owns(name, data) || ruleset_find_chain(scope->wanted, name) ||
	       ruleset_find_set(scope->wanted, name);
}

bool scope_concerns(const char *name, const void *data)
{
	return !str_equal(name, MAP_FROM_GUEST) && scope_concerns_or_map(name, data);
}

void scope_add(struct scope *scope, const char *interface)
{
	cleanup_free char *prefix = port_prefix(interface);

	if (scope_owns(prefix, scope))
		return;
	scope->prefixes =
		xreallocarray(scope->prefixes, scope->count + 1, sizeof(*scope->prefixes));
	scope->prefixes[scope->count++] = steal_pointer(prefix);
}

/* The other way round than port_prefix(); false: nothing of an interface has this name. */
static bool interface_of(const char *name, char interface[static FIREWALL_NAME_SIZE])
{
	size_t length = 0;
	unsigned byte;

	for (; *name && *name != '-'; name++) {
		if (length + 1 >= FIREWALL_NAME_SIZE)
			return false;
		if (*name == '.' && sscanf(name + 1, "%2x", &byte) == 1) {
			interface[length++] = (char)byte;
			name += 2;
		} else {
			interface[length++] = *name;
		}
	}
	interface[length] = '\0';
	return *name == '-' && length > 0;
}

/* The names of this host's interfaces, sorted. */
struct interfaces {
	struct if_nameindex *items;
	size_t count;
};

#define cleanup_interfaces cleanup(interfaces_free)

static void interfaces_free(struct interfaces *interfaces)
{
	if (interfaces->items)
		if_freenameindex(interfaces->items);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct if_nameindex *)a)->if_name,
		      ((const struct if_nameindex *)b)->if_name);
}

/* Asking for one that is not there (SIOCGIFINDEX) would have the kernel look for a module of that
 * name with modprobe: net/core/dev_ioctl.c, dev_load(). */
static void interfaces_load(struct interfaces *ret)
{
	*ret = (struct interfaces){if_nameindex(), 0};
	while (ret->items && ret->items[ret->count].if_index)
		ret->count++;
	if (ret->count > 0)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare_names);
}

/* Where they can't be listed, none is gone. */
static void scope_add_if_gone(struct scope *scope, const struct interfaces *interfaces,
			      const char *name)
{
	char interface[FIREWALL_NAME_SIZE];
	const struct if_nameindex wanted = {.if_name = interface};

	if (interfaces->count > 0 && interface_of(name, interface) &&
	    !bsearch(&wanted, interfaces->items, interfaces->count, sizeof(wanted), compare_names))
		scope_add(scope, interface);
}

void scope_find(struct scope *scope, const struct kernel_table *table, const char *uuid)
{
	const struct set *map = ruleset_find_set(&table->objects, MAP_FROM_GUEST);
	cleanup_interfaces struct interfaces interfaces = {0};

	interfaces_load(&interfaces);
	for (size_t i = 0; i < table->objects.chain_count; i++)
		scope_add_if_gone(scope, &interfaces, table->objects.chains[i].name);
	for (size_t i = 0; i < table->objects.set_count; i++)
		scope_add_if_gone(scope, &interfaces, table->objects.sets[i].name);
	for (size_t i = 0; map && i < map->element_count; i++) {
		cleanup_free char *owner = NULL, *guest = NULL;
		char interface[FIREWALL_NAME_SIZE + 1] = "";
		struct mac mac;
		const char *comment = map->elements[i].comment;
		memcpy(interface, map->elements[i].first, FIREWALL_NAME_SIZE);
		if (uuid && comment && port_comment_parse(comment, &mac, &owner, &guest) &&
		    str_equal(owner, uuid))
			scope_add(scope, interface);
	}
}
