/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table as the kernel holds it: reading it, and transactions. */
#include "netfw/kernel_table.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>

#include "netfw/encode.h"

/* Where one chain of so many is asked for, listing the rules of all takes less than many questions.
 */
#define FEW_OTHERS 3

/* --- reading --- */

static int on_generation(struct nlmsghdr *message, void *data, struct err *err)
{
	uint32_t *generation = data;

	(void)err;
	*generation = decode_generation(message);
	return 0;
}

static int on_table(struct nlmsghdr *message, void *data, struct err *err)
{
	struct kernel_table *table = data;

	table->exists = true;
	return decode_table(message, &table->dormant, err);
}

static int on_chain(struct nlmsghdr *message, void *data, struct err *err)
{
	return decode_chain(message, data, err);
}

static int on_set(struct nlmsghdr *message, void *data, struct err *err)
{
	return decode_set(message, data, err);
}

static int on_rule(struct nlmsghdr *message, void *data, struct err *err)
{
	return decode_rule(message, data, err);
}

/* What the rules of all chains are read into. */
struct all_rules {
	struct ruleset *objects;
	size_t last;
};

static int on_any_rule(struct nlmsghdr *message, void *data, struct err *err)
{
	struct all_rules *all = data;

	return decode_rule_of_any(message, all->objects, &all->last, err);
}

static int on_elements(struct nlmsghdr *message, void *data, struct err *err)
{
	return decode_elements(message, data, err);
}

/* What isn't there has no objects. */
static int dump(struct netlink *netlink, struct nl_msg *question, netlink_each *each, void *data,
		struct err *err)
{
	cleanup_message struct nl_msg *message = question;

	int rc = netlink_dump(netlink, message, each, data, err);
	return rc == -ENOENT ? 0 : rc;
}

int kernel_table_generation(struct netlink *netlink, uint32_t *ret, struct err *err)
{
	cleanup_message struct nl_msg *message = encode_get_generation();

	int rc = netlink_ask(netlink, message, on_generation, ret, err);
	if (rc == -EINVAL) /* nfnetlink knows no such subsystem */
		return err_set(err, EOPNOTSUPP, "this kernel has none (module nf_tables)");
	return rc;
}

int kernel_table_find(struct netlink *netlink, struct kernel_table *ret, struct err *err)
{
	cleanup_message struct nl_msg *message = encode_get_table();

	*ret = (struct kernel_table){0};
	int rc = netlink_ask(netlink, message, on_table, ret, err);
	return rc == -ENOENT ? 0 : rc;
}

int kernel_table_load_names(struct netlink *netlink, struct kernel_table *ret, struct err *err)
{
	uint32_t generation = 0;

	int rc = kernel_table_generation(netlink, &generation, err);
	if (rc == 0)
		rc = kernel_table_find(netlink, ret, err);
	ret->generation = generation;
	if (rc == 0 && ret->exists)
		rc = dump(netlink, encode_get_chains(), on_chain, &ret->objects, err);
	if (rc == 0 && ret->exists)
		rc = dump(netlink, encode_get_sets(), on_set, &ret->objects, err);
	return rc < 0 ? err_wrap(err, "read nf_tables") : 0;
}

int kernel_table_load_elements(struct netlink *netlink, struct set *set, struct err *err)
{
	return dump(netlink, encode_get_elements(set->name), on_elements, set, err);
}

int kernel_table_load_rules(struct netlink *netlink, struct kernel_table *table, struct err *err)
{
	struct all_rules all = {&table->objects, 0};

	return dump(netlink, encode_get_rules(NULL), on_any_rule, &all, err);
}

int kernel_table_load_content(struct netlink *netlink, struct kernel_table *table,
			      bool (*wanted)(const char *name, const void *data), const void *data,
			      struct err *err)
{
	struct ruleset *objects = &table->objects;
	size_t asked = 0;
	int rc = 0;

	for (size_t i = 0; i < objects->chain_count; i++)
		asked += wanted(objects->chains[i].name, data);
	bool all = asked * FEW_OTHERS >= objects->chain_count;
	if (all)
		rc = kernel_table_load_rules(netlink, table, err);
	for (size_t i = 0; i < objects->chain_count && rc == 0 && !all; i++) {
		struct chain *chain = &objects->chains[i];
		if (wanted(chain->name, data))
			rc = dump(netlink, encode_get_rules(chain->name), on_rule, chain, err);
	}
	for (size_t i = 0; i < objects->set_count && rc == 0; i++) {
		if (wanted(objects->sets[i].name, data))
			rc = kernel_table_load_elements(netlink, &objects->sets[i], err);
	}
	return rc < 0 ? err_wrap(err, "read nf_tables") : 0;
}

/* --- transactions --- */

void transaction_add(struct transaction *transaction, struct nl_msg *message, const char *kind,
		     const char *name)
{
	size_t count = transaction->message_count++;
	int type = nlmsg_hdr(message)->nlmsg_type & 0xff;

	transaction->messages =
		xreallocarray(transaction->messages, count + 1, sizeof(*transaction->messages));
	transaction->objects =
		xreallocarray(transaction->objects, count + 1, sizeof(*transaction->objects));
	transaction->messages[count] = netlink_message_fit(message);
	transaction->objects[count] = name ? xasprintf("%s '%s'", kind, name) : xstrdup(kind);
	transaction->deletes = transaction->deletes || type == NFT_MSG_DELTABLE ||
			       type == NFT_MSG_DELCHAIN || type == NFT_MSG_DELRULE ||
			       type == NFT_MSG_DELSET || type == NFT_MSG_DELSETELEM;
}

static uint32_t put(struct netlink *netlink, struct strbuf *batch, struct nl_msg *ours)
{
	cleanup_message struct nl_msg *message = ours;

	return netlink_batch_add(netlink, batch, message);
}

/* Only the last one is acknowledged: a thousand answers would not fit in the socket, and that of
 * the batch's end never comes on Linux 6.1. */
static int send_transaction(const struct transaction *transaction, struct netlink *netlink,
			    uint32_t generation, bool commit, struct err *err)
{
	cleanup_strbuf struct strbuf batch = {0};
	uint32_t first = 0, last = 0, failed = 0;

	if (transaction->message_count == 0)
		return 0;
	put(netlink, &batch, encode_batch_begin(generation));
	for (size_t i = 0; i < transaction->message_count; i++) {
		struct nl_msg *message = transaction->messages[i];
		if (commit && i + 1 == transaction->message_count)
			nlmsg_hdr(message)->nlmsg_flags |= NLM_F_ACK;
		last = netlink_batch_add(netlink, &batch, message);
		first = first ? first : last;
	}
	if (commit)
		put(netlink, &batch, encode_batch_end());
	int rc = netlink_batch_do(netlink, &batch, commit ? last : 0, &failed, err);
	if (rc < 0 && failed >= first && failed <= last)
		return err_wrap(err, "nf_tables: %s", transaction->objects[failed - first]);
	return rc < 0 ? err_wrap(err, "nf_tables") : 0;
}

int transaction_commit(const struct transaction *transaction, struct netlink *netlink,
		       uint32_t generation, struct err *err)
{
	return send_transaction(transaction, netlink, generation, true, err);
}

int transaction_try(const struct transaction *transaction, struct netlink *netlink, struct err *err)
{
	return send_transaction(transaction, netlink, 0, false, err);
}

void transaction_clear(struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->message_count; i++) {
		nlmsg_free(transaction->messages[i]);
		free(transaction->objects[i]);
	}
	free(transaction->messages);
	free(transaction->objects);
	*transaction = (struct transaction){0};
}
