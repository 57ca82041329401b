/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of rules as a value: what is wanted, and what the kernel holds. */
#ifndef BERTH_NETFW_RULESET_H
#define BERTH_NETFW_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "netfw/field.h"

#define SET_MAX_FIELDS 4
/* Each field fills whole words of 4 bytes; the longest key is a MAC and an IPv6 address. */
#define SET_KEY_BYTES 32
/* nft reads no longer comments; with the NUL. */
#define COMMENT_SIZE 128

enum verdict {
	VERDICT_ACCEPT,
	VERDICT_DROP,
	VERDICT_GOTO, /* to a chain, without coming back */
	VERDICT_JUMP, /* to a chain, and back where its end is reached */
};

enum statement_kind {
	STATEMENT_MATCH,   /* a field has a value; otherwise the next rule's turn */
	STATEMENT_LOOKUP,  /* fields are (not) an element of a set */
	STATEMENT_MAP,     /* the verdict that a map has for fields */
	STATEMENT_COUNTER, /* packets and bytes */
	STATEMENT_VERDICT,
	STATEMENT_ZONE, /* the packet's connection is tracked in this zone */
};

enum comparison {
	COMPARE_EQUAL,
	COMPARE_UNEQUAL,
	COMPARE_RANGE,
};

/**
 * struct statement - one part of a rule
 * @fields: STATEMENT_MATCH: one
 * @comparison: STATEMENT_LOOKUP: whether it must be an element or must not
 * @masked: only the bits of @mask count
 * @first, @last: the value; @last: COMPARE_RANGE
 * @implied: nft adds it by itself and doesn't show it
 * @name: a set, a map, or the chain of VERDICT_GOTO and VERDICT_JUMP; owned
 */
struct statement {
	enum statement_kind kind;
	enum field fields[SET_MAX_FIELDS];
	size_t field_count;
	enum comparison comparison;
	bool masked;
	uint8_t mask[FIELD_MAX_BYTES];
	uint8_t first[FIELD_MAX_BYTES];
	uint8_t last[FIELD_MAX_BYTES];
	bool implied;
	enum verdict verdict;
	char *name;
	uint16_t zone;
};

/**
 * struct rule - statements, in order
 * @comment: for people, or NULL
 * @handle, @packets: of the kernel's rules only: its number; what its counter says
 * @unknown: it holds something that berth doesn't write: it is nobody's twin
 */
struct rule {
	struct statement *statements;
	size_t statement_count;
	char *comment;
	uint64_t handle;
	uint64_t packets;
	bool unknown;
};

/**
 * struct chain - rules, in order
 * @hook: NULL, or "prerouting", "postrouting": packets enter here, in order of @priority; what
 * comes to its end is accepted
 * @drops: of the kernel's chains only: somebody has made it drop what comes to its end
 */
struct chain {
	char *name;
	char *comment;
	const char *hook;
	int priority;
	bool drops;
	struct rule *rules;
	size_t rule_count;
};

/**
 * struct element - of a set or map
 * @first, @last: its key, field by field, each padded to 4 bytes; @last: of sets with intervals
 * @verdict, @chain: of maps
 */
struct element {
	uint8_t first[SET_KEY_BYTES];
	uint8_t last[SET_KEY_BYTES];
	char *comment;
	enum verdict verdict;
	char *chain;
};

/**
 * struct set - a set, or a map of verdicts
 * @intervals: elements are ranges; the kernel wants them not to overlap
 */
struct set {
	char *name;
	enum field fields[SET_MAX_FIELDS];
	size_t field_count;
	bool intervals;
	bool verdicts;
	struct element *elements;
	size_t element_count;
};

/* struct ruleset - chains and sets; everything is owned by it. */
struct ruleset {
	struct chain *chains;
	size_t chain_count;
	struct set *sets;
	size_t set_count;
};

#define cleanup_ruleset cleanup(ruleset_clear)

void ruleset_clear(struct ruleset *ruleset);

/* Each adds one to the end; names and comments are copied, a comment is cut at COMMENT_SIZE. What
 * is returned stays valid until the next one is added. */
struct chain *ruleset_add_chain(struct ruleset *ruleset, const char *name);
struct set *ruleset_add_set(struct ruleset *ruleset, const char *name);
struct rule *chain_add_rule(struct chain *chain);
struct element *set_add_element(struct set *set);
struct statement *rule_add(struct rule *rule, enum statement_kind kind);
char *comment_copy(const char *text);

struct chain *ruleset_find_chain(const struct ruleset *ruleset, const char *name);
struct set *ruleset_find_set(const struct ruleset *ruleset, const char *name);

/* set_key_bytes() - length of the set's keys. */
size_t set_key_bytes(const struct set *set);

/* set_put_field() - write a field's value at its place in a key. @index: of the field. */
void set_put_field(const struct set *set, size_t index, const void *value,
		   uint8_t key[static SET_KEY_BYTES]);

/* Equal in all that the kernel acts on, and in their comments. */
bool rule_equal(const struct rule *a, const struct rule *b);
bool chain_same_kind(const struct chain *a, const struct chain *b);
bool set_same_kind(const struct set *a, const struct set *b);
/* element_compare() - order by key, then by the rest; 0: equal. For qsort(). */
int element_compare(const void *a, const void *b);
/* element_compare_keys() - by key alone: where it is 0, the kernel takes one of them at a time. */
int element_compare_keys(const struct element *a, const struct element *b);

/* ruleset_print() - append the table as nft writes it. */
void ruleset_print(const struct ruleset *ruleset, struct strbuf *out);

/* rule_print() - append one rule as nft writes it. */
void rule_print(const struct rule *rule, struct strbuf *out);

#endif
