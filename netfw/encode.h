/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rulesets as nf_tables messages, and back. */
#ifndef BERTH_NETFW_ENCODE_H
#define BERTH_NETFW_ENCODE_H

#include <netlink/msg.h>

#include "base/err.h"
#include "netfw/ruleset.h"

/*
 * Each returns one message (linux/netfilter/nf_tables.h has the attributes), to be freed by the
 * caller, or added to a batch. Creating what is there already is fine; deleting what isn't is
 * -ENOENT.
 */
struct nl_msg *encode_table(void);
struct nl_msg *encode_table_delete(void);
struct nl_msg *encode_chain(const struct chain *chain);
struct nl_msg *encode_chain_delete(const char *name);
/* @id: unique in the batch */
struct nl_msg *encode_set(const struct set *set, uint32_t id);
struct nl_msg *encode_set_delete(const char *name);
/* @before: handle of the rule that it stands before; 0: at the end of the chain */
struct nl_msg *encode_rule(const char *chain, const struct rule *rule, uint64_t before);
/* @handle: 0: all rules of the chain */
struct nl_msg *encode_rule_delete(const char *chain, uint64_t handle);

/**
 * encode_elements() - some elements of a set; a message has room for not all of them
 * @begin: index of the first; on return that of the next one to encode
 * @add: or delete
 */
struct nl_msg *encode_elements(const struct set *set, size_t *begin, bool add);

/* The begin and the end of a transaction; without its end the kernel only tries it.
 * @generation: -ERESTART, if the ruleset is not of this generation any more; 0: of any */
struct nl_msg *encode_batch_begin(uint32_t generation);
struct nl_msg *encode_batch_end(void);

/* Asking for objects of the table; an answer's messages go to the functions below. */
struct nl_msg *encode_get_generation(void);
struct nl_msg *encode_get_table(void);
struct nl_msg *encode_get_chains(void);
struct nl_msg *encode_get_sets(void);
/* @chain: NULL: of all chains */
struct nl_msg *encode_get_rules(const char *chain);
struct nl_msg *encode_get_elements(const char *set);

/*
 * Each reads one message that announces or describes such an object and adds it to the ruleset.
 * What isn't of our table, or isn't such an object, is passed over. Return: 0, or -EBADMSG.
 */
/* @dormant: somebody has switched the table off */
int decode_table(struct nlmsghdr *message, bool *dormant, struct err *err);
int decode_chain(struct nlmsghdr *message, struct ruleset *ret, struct err *err);
int decode_set(struct nlmsghdr *message, struct ruleset *ret, struct err *err);
int decode_rule(struct nlmsghdr *message, struct chain *ret, struct err *err);
/* Finds the rule's chain in the ruleset. @last: index of the one that it may well be; on return
 * that of the one that it was: rules come chain by chain */
int decode_rule_of_any(struct nlmsghdr *message, struct ruleset *ret, size_t *last,
		       struct err *err);
/* decode_generation() - the ruleset's generation; 0 where the message doesn't have it. */
uint32_t decode_generation(struct nlmsghdr *message);
int decode_elements(struct nlmsghdr *message, struct set *ret, struct err *err);

#endif
