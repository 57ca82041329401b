/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: the table as the kernel holds it, and changing it. */
#ifndef BERTH_NETFW_KERNEL_TABLE_H
#define BERTH_NETFW_KERNEL_TABLE_H

#include "netfw/netlink.h"
#include "netfw/ruleset.h"

/**
 * struct kernel_table - what the kernel holds, as far as it was asked for
 * @exists: there is a table of our name
 * @dormant: somebody has switched it off: no packet comes to its chains
 * @generation: of the ruleset when it was read
 * @objects: chains and sets
 */
struct kernel_table {
	bool exists;
	bool dormant;
	uint32_t generation;
	struct ruleset objects;
};

#define cleanup_kernel_table cleanup(kernel_table_clear)

static inline void kernel_table_clear(struct kernel_table *table)
{
	ruleset_clear(&table->objects);
}

/* kernel_table_find() - whether there is one, and dormant. */
int kernel_table_find(struct netlink *netlink, struct kernel_table *ret, struct err *err);

/* kernel_table_generation() - of the whole ruleset. Return: 0; or a negative errno. */
int kernel_table_generation(struct netlink *netlink, uint32_t *ret, struct err *err);

/* kernel_table_load_names() - which chains and sets there are, without their content. */
int kernel_table_load_names(struct netlink *netlink, struct kernel_table *ret, struct err *err);

/* kernel_table_load_content() - the rules and elements of those objects that @wanted says yes to.
 */
int kernel_table_load_content(struct netlink *netlink, struct kernel_table *table,
			      bool (*wanted)(const char *name, const void *data), const void *data,
			      struct err *err);

/* kernel_table_load_rules() - the rules of all chains at once. */
int kernel_table_load_rules(struct netlink *netlink, struct kernel_table *table, struct err *err);
int kernel_table_load_elements(struct netlink *netlink, struct set *set, struct err *err);

/**
 * struct transaction - changes that the kernel makes all or none of
 * @count: of changed objects
 * @deletes: something is removed
 */
struct transaction {
	struct nl_msg **messages;
	char **objects;
	size_t message_count;
	size_t count;
	bool deletes;
};

#define cleanup_transaction cleanup(transaction_clear)

/* transaction_add() - takes the message; @kind and @name are for messages: "chain 'vnet0-arp'". */
void transaction_add(struct transaction *transaction, struct nl_msg *message, const char *kind,
		     const char *name);

/**
 * transaction_commit() - do it
 * @generation: see encode_batch_begin()
 *
 * Return: 0; or the kernel's negative errno, @err names the object, and nothing is changed.
 */
int transaction_commit(const struct transaction *transaction, struct netlink *netlink,
		       uint32_t generation, struct err *err);
/* transaction_try() - what transaction_commit() would return; nothing is changed. */
int transaction_try(const struct transaction *transaction, struct netlink *netlink,
		    struct err *err);
void transaction_clear(struct transaction *transaction);

/**
 * struct difference_scope - what the difference is about
 * @owns: which of the kernel's chains and sets go where they are not wanted
 * @owns_element: which elements of a map that all ports share
 *
 * What it doesn't own is only added to.
 */
struct difference_scope {
	bool (*owns)(const char *name, const void *data);
	bool (*owns_element)(const struct set *map, const struct element *element,
			     const void *data);
	const void *data;
};

/**
 * difference_add() - append what makes the kernel hold what is wanted
 * @early: new sets of ranges go here, if it isn't NULL: their content is to be there before a rule
 *         uses them
 * @words: what differs, a line each, is appended here; may be NULL
 */
void difference_add(const struct kernel_table *have, const struct ruleset *wanted,
		    const struct difference_scope *scope, struct transaction *early,
		    struct transaction *transaction, struct strbuf *words);

#endif
