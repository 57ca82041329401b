/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference between what the kernel holds and what is wanted, as messages.
 *
 * Theory of operation: objects are the same when they have the same name and content; only what
 * differs is changed, so that everything else keeps its counters. Of a chain's rules those stay
 * that are wanted in that order; new ones are put between them. A chain at another hook is made
 * anew. Of a set, elements are added and deleted; a set of another kind is made anew, and with it
 * all rules that may use it.
 *
 * The order of the messages is what the kernel wants: what refers to something goes before it, and
 * comes after it.
 *
 *     rules, elements, and what is to be made anew go; sets and elements, chains, rules, elements
 *     of maps come; chains, then sets go
 */
#include "netfw/kernel_table.h"

#include <string.h>

#include "netfw/encode.h"
#include "netfw/table.h"

struct work {
	const struct kernel_table *have;
	const struct ruleset *wanted;
	const struct difference_scope *scope;
	struct transaction *early;
	struct transaction *transaction;
	struct strbuf *words;
	bool rebuild; /* a set is of another kind than wanted */
};

static void say(const struct work *work, const char *what, const char *kind, const char *name)
{
	work->transaction->count++;
	if (work->words)
		strbuf_printf(work->words, "%s %s '%s'\n", what, kind, name);
}

/* --- rules --- */

#define NO_RULE SIZE_MAX

/* What the kernel holds of a wanted chain, as far as it can stay; the caller's @work tells. */
static const struct chain *chain_to_keep(const struct work *work, const struct chain *wanted)
{
	static const struct chain nothing;
	const struct chain *have = ruleset_find_chain(&work->have->objects, wanted->name);

	return have && !work->rebuild && chain_same_kind(have, wanted) ? have : &nothing;
}

static size_t find_rule(const struct chain *chain, size_t begin, const struct rule *rule)
{
	for (size_t i = begin; i < chain->rule_count; i++) {
		if (rule_equal(&chain->rules[i], rule))
			return i;
	}
	return NO_RULE;
}

/* For each wanted rule the one in the kernel that stays for it, in order; to be freed. A program
 * has its rules in one order, each once: taking the next that fits finds all that can stay. */
static size_t *rules_to_keep(const struct chain *have, const struct chain *wanted)
{
	size_t *kept = xcalloc(wanted->rule_count + 1, sizeof(*kept));
	size_t next = 0;

	for (size_t i = 0; i < wanted->rule_count; i++) {
		kept[i] = find_rule(have, next, &wanted->rules[i]);
		if (kept[i] != NO_RULE)
			next = kept[i] + 1;
	}
	kept[wanted->rule_count] = NO_RULE;
	return kept;
}

static void remove_all_rules(const struct work *work, const struct chain *have)
{
	if (have->rule_count > 0)
		transaction_add(work->transaction, encode_rule_delete(have->name, 0),
				"rules of chain", have->name);
}

static void remove_rules(const struct work *work, const struct chain *have)
{
	const struct chain *wanted = ruleset_find_chain(work->wanted, have->name);

	if (!wanted || chain_to_keep(work, wanted) != have) {
		remove_all_rules(work, have);
		return;
	}
	cleanup_free size_t *kept = rules_to_keep(have, wanted);
	for (size_t i = 0, j = 0; i < have->rule_count; i++) {
		while (j < wanted->rule_count && (kept[j] == NO_RULE || kept[j] < i))
			j++;
		if (kept[j] == i)
			continue;
		transaction_add(work->transaction,
				encode_rule_delete(have->name, have->rules[i].handle),
				"rule of chain", have->name);
		say(work, "unwanted rule in", "chain", have->name);
	}
}

static void add_rules(const struct work *work, const struct chain *wanted)
{
	const struct chain *have = chain_to_keep(work, wanted);
	cleanup_free size_t *kept = rules_to_keep(have, wanted);

	for (size_t i = 0, j = 0; i < wanted->rule_count; i++) {
		if (kept[i] != NO_RULE)
			continue;
		for (j = j > i ? j : i; j < wanted->rule_count && kept[j] == NO_RULE;)
			j++;
		uint64_t before = kept[j] == NO_RULE ? 0 : have->rules[kept[j]].handle;
		transaction_add(work->transaction,
				encode_rule(wanted->name, &wanted->rules[i], before),
				"rule of chain", wanted->name);
		say(work, "missing rule in", "chain", wanted->name);
	}
}

/* --- elements --- */

/* A sorted copy; the strings stay the set's. */
static struct set sorted(const struct set *set)
{
	struct set copy = *set;

	copy.elements = xcalloc(set->element_count + 1, sizeof(*copy.elements));
	if (set->element_count > 0)
		memcpy(copy.elements, set->elements, set->element_count * sizeof(*set->elements));
	qsort(copy.elements, copy.element_count, sizeof(*copy.elements), element_compare);
	return copy;
}

/* Elements of the first set that are not in the second, as a set whose strings are not its own. */
static struct set only_in(const struct set *first, const struct set *second)
{
	struct set ret = *first;
	size_t j = 0;

	ret.elements = xcalloc(first->element_count + 1, sizeof(*ret.elements));
	ret.element_count = 0;
	for (size_t i = 0; i < first->element_count; i++) {
		while (j < second->element_count &&
		       element_compare(&second->elements[j], &first->elements[i]) < 0)
			j++;
		if (j == second->element_count ||
		    element_compare(&second->elements[j], &first->elements[i]) != 0)
			ret.elements[ret.element_count++] = first->elements[i];
	}
	return ret;
}

/* Of the elements that are not wanted, those that may be removed: owned ones, and those whose key
 * is wanted with something else. */
static void leave_others(const struct work *work, const struct set *coming, struct set *going)
{
	size_t kept = 0;

	for (size_t i = 0; i < going->element_count; i++) {
		bool remove =
			work->scope->owns_element(going, &going->elements[i], work->scope->data);
		for (size_t j = 0; j < coming->element_count && !remove; j++)
			remove = element_compare_keys(&coming->elements[j], &going->elements[i]) ==
				 0;
		if (remove)
			going->elements[kept++] = going->elements[i];
	}
	going->element_count = kept;
}

static void change_elements(const struct work *work, struct transaction *transaction,
			    const struct set *set, bool add)
{
	for (size_t begin = 0; begin < set->element_count;)
		transaction_add(transaction, encode_elements(set, &begin, add),
				set->verdicts ? "elements of map" : "elements of set", set->name);
	for (size_t i = 0; i < set->element_count; i++)
		say(work, add ? "missing element in" : "unwanted element in",
		    set->verdicts ? "map" : "set", set->name);
}

/* Calls with what has to come and to go. */
static void compare_elements(const struct work *work, const struct set *wanted, bool add)
{
	static const struct set nothing;
	const struct set *have = ruleset_find_set(&work->have->objects, wanted->name);

	if (!have || !set_same_kind(have, wanted))
		have = &nothing;
	struct set sorted_have = sorted(have), sorted_wanted = sorted(wanted);
	struct set coming = only_in(&sorted_wanted, &sorted_have);
	struct set going = only_in(&sorted_have, &sorted_wanted);
	if (wanted->verdicts)
		leave_others(work, &coming, &going);
	going.name = wanted->name;
	if (add)
		change_elements(work, work->transaction, &coming, true);
	else
		change_elements(work, work->transaction, &going, false);
	free(sorted_have.elements);
	free(sorted_wanted.elements);
	free(coming.elements);
	free(going.elements);
}

/* --- sets --- */

static bool is_new(const struct work *work, const struct set *wanted)
{
	const struct set *have = ruleset_find_set(&work->have->objects, wanted->name);

	return !have || !set_same_kind(have, wanted);
}

static void add_set(const struct work *work, const struct set *wanted, uint32_t id)
{
	bool early = work->early && wanted->intervals && !work->rebuild;
	struct transaction *transaction = early ? work->early : work->transaction;

	transaction_add(transaction, encode_set(wanted, id), wanted->verdicts ? "map" : "set",
			wanted->name);
	say(work, "missing", wanted->verdicts ? "map" : "set", wanted->name);
	if (!wanted->verdicts)
		change_elements(work, transaction, wanted, true);
}

static void add_sets(const struct work *work)
{
	for (size_t i = 0; i < work->wanted->set_count; i++) {
		const struct set *wanted = &work->wanted->sets[i];
		if (is_new(work, wanted))
			add_set(work, wanted, (uint32_t)i + 1);
		else if (!wanted->verdicts)
			compare_elements(work, wanted, true);
	}
}

static void remove_set(const struct work *work, const struct set *have)
{
	transaction_add(work->transaction, encode_set_delete(have->name),
			have->verdicts ? "map" : "set", have->name);
	say(work, "unwanted", have->verdicts ? "map" : "set", have->name);
}

static bool is_of_another_kind(const struct work *work, const struct set *have)
{
	const struct set *wanted = ruleset_find_set(work->wanted, have->name);

	return wanted && !set_same_kind(have, wanted);
}

/* --- all of it, in order --- */

static void remove_chain(const struct work *work, const char *name)
{
	transaction_add(work->transaction, encode_chain_delete(name), "chain", name);
	say(work, "unwanted", "chain", name);
}

static void remove_what_is_used_by_none(const struct work *work)
{
	const struct ruleset *have = &work->have->objects;

	for (size_t i = 0; i < have->chain_count; i++) {
		const char *name = have->chains[i].name;
		if (!work->scope->owns(name, work->scope->data) ||
		    ruleset_find_chain(work->wanted, name))
			continue;
		remove_chain(work, name);
	}
	for (size_t i = 0; i < have->set_count; i++) {
		if (work->scope->owns(have->sets[i].name, work->scope->data) &&
		    !ruleset_find_set(work->wanted, have->sets[i].name))
			remove_set(work, &have->sets[i]);
	}
}

/* Nothing leads to chains at hooks: they can go at once. */
static void remove_chain_of_another_kind(const struct work *work, const struct chain *have)
{
	const struct chain *wanted = ruleset_find_chain(work->wanted, have->name);

	if (wanted && !chain_same_kind(have, wanted))
		remove_chain(work, have->name);
}

static void remove_content(const struct work *work)
{
	const struct ruleset *have = &work->have->objects;

	for (size_t i = 0; i < have->chain_count; i++) {
		if (work->scope->owns(have->chains[i].name, work->scope->data) ||
		    ruleset_find_chain(work->wanted, have->chains[i].name))
			remove_rules(work, &have->chains[i]);
	}
	for (size_t i = 0; i < work->wanted->set_count; i++)
		compare_elements(work, &work->wanted->sets[i], false);
	for (size_t i = 0; i < have->chain_count; i++)
		remove_chain_of_another_kind(work, &have->chains[i]);
	for (size_t i = 0; i < have->set_count; i++) {
		if (is_of_another_kind(work, &have->sets[i]))
			remove_set(work, &have->sets[i]);
	}
}

static void add_chains(const struct work *work)
{
	for (size_t i = 0; i < work->wanted->chain_count; i++) {
		const struct chain *wanted = &work->wanted->chains[i];
		const struct chain *have = ruleset_find_chain(&work->have->objects, wanted->name);
		if (have && chain_same_kind(have, wanted))
			continue;
		transaction_add(work->transaction, encode_chain(wanted), "chain", wanted->name);
		say(work, "missing", "chain", wanted->name);
	}
}

void difference_add(const struct kernel_table *have, const struct ruleset *wanted,
		    const struct difference_scope *scope, struct transaction *early,
		    struct transaction *transaction, struct strbuf *words)
{
	struct work work = {have, wanted, scope, early, transaction, words, false};

	for (size_t i = 0; i < have->objects.set_count; i++)
		work.rebuild = work.rebuild || is_of_another_kind(&work, &have->objects.sets[i]);
	if (wanted->chain_count > 0 && !have->exists)
		transaction_add(transaction, encode_table(), "table", NULL);
	if (have->dormant)
		say(&work, "dormant", "table", TABLE_NAME);
	remove_content(&work);
	add_sets(&work);
	add_chains(&work);
	for (size_t i = 0; i < wanted->chain_count; i++)
		add_rules(&work, &wanted->chains[i]);
	for (size_t i = 0; i < wanted->set_count; i++) {
		if (wanted->sets[i].verdicts)
			compare_elements(&work, &wanted->sets[i], true);
	}
	remove_what_is_used_by_none(&work);
}
