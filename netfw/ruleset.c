/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rulesets as values: built, found, compared, freed. */
#include "netfw/ruleset.h"

#include <string.h>

/* Arrays grow by doubling: their capacity is the next power of two of their length. */
static void *array_room(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	void *grown = xreallocarray(array, count ? count * 2 : 1, size);
	return grown;
}

struct chain *ruleset_add_chain(struct ruleset *ruleset, const char *name)
{
	ruleset->chains =
		array_room(ruleset->chains, ruleset->chain_count, sizeof(*ruleset->chains));
	struct chain *chain = &ruleset->chains[ruleset->chain_count++];
	*chain = (struct chain){.name = xstrdup(name)};
	return chain;
}

struct set *ruleset_add_set(struct ruleset *ruleset, const char *name)
{
	ruleset->sets = array_room(ruleset->sets, ruleset->set_count, sizeof(*ruleset->sets));
	struct set *set = &ruleset->sets[ruleset->set_count++];
	*set = (struct set){.name = xstrdup(name)};
	return set;
}

struct rule *chain_add_rule(struct chain *chain)
{
	chain->rules = array_room(chain->rules, chain->rule_count, sizeof(*chain->rules));
	struct rule *rule = &chain->rules[chain->rule_count++];
	*rule = (struct rule){0};
	return rule;
}

struct element *set_add_element(struct set *set)
{
	set->elements = array_room(set->elements, set->element_count, sizeof(*set->elements));
	struct element *element = &set->elements[set->element_count++];
	*element = (struct element){0};
	return element;
}

struct statement *rule_add(struct rule *rule, enum statement_kind kind)
{
	rule->statements =
		array_room(rule->statements, rule->statement_count, sizeof(*rule->statements));
	struct statement *statement = &rule->statements[rule->statement_count++];
	*statement = (struct statement){.kind = kind};
	return statement;
}

/* Cut between characters: a byte 10xxxxxx goes on with the one before it (RFC 3629). */
static size_t whole_characters(const char *text, size_t limit)
{
	size_t length = strnlen(text, limit + 1);

	if (length <= limit)
		return length;
	for (length = limit; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
		length--;
	return length;
}

/* nft can't read back its own listing with a quotation mark in a comment. */
char *comment_copy(const char *text)
{
	char *copy = xstrndup(text, whole_characters(text, COMMENT_SIZE - 1));

	for (char *c = copy; *c; c++) {
		if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	return copy;
}

struct chain *ruleset_find_chain(const struct ruleset *ruleset, const char *name)
{
	for (size_t i = 0; i < ruleset->chain_count; i++) {
		if (strcmp(ruleset->chains[i].name, name) == 0)
			return &ruleset->chains[i];
	}
	return NULL;
}

struct set *ruleset_find_set(const struct ruleset *ruleset, const char *name)
{
	for (size_t i = 0; i < ruleset->set_count; i++) {
		if (strcmp(ruleset->sets[i].name, name) == 0)
			return &ruleset->sets[i];
	}
	return NULL;
}

/* --- keys --- */

static size_t padded(enum field field)
{
	return (field_row(field)->load.length + 3) / 4 * 4;
}

size_t set_key_bytes(const struct set *set)
{
	size_t bytes = 0;

	/* Only in concatenations fields fill whole words. */
	if (set->field_count == 1)
		return field_row(set->fields[0])->load.length;
	for (size_t i = 0; i < set->field_count; i++)
		bytes += padded(set->fields[i]);
	return bytes;
}

void set_put_field(const struct set *set, size_t index, const void *value,
		   uint8_t key[static SET_KEY_BYTES])
{
	size_t at = 0;

	for (size_t i = 0; i < index; i++)
		at += padded(set->fields[i]);
	memcpy(key + at, value, field_row(set->fields[index])->load.length);
}

/* --- comparing --- */

static bool same_fields(const enum field *a, const enum field *b, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!load_equal(&field_row(a[i])->load, &field_row(b[i])->load))
			return false;
	}
	return true;
}

static bool statement_equal(const struct statement *a, const struct statement *b)
{
	return a->kind == b->kind && a->field_count == b->field_count &&
	       same_fields(a->fields, b->fields, a->field_count) &&
	       a->comparison == b->comparison && a->masked == b->masked &&
	       memcmp(a->mask, b->mask, sizeof(a->mask)) == 0 &&
	       memcmp(a->first, b->first, sizeof(a->first)) == 0 &&
	       memcmp(a->last, b->last, sizeof(a->last)) == 0 && a->verdict == b->verdict &&
	       str_equal(a->name, b->name) && a->zone == b->zone;
}

bool rule_equal(const struct rule *a, const struct rule *b)
{
	if (a->unknown || b->unknown || a->statement_count != b->statement_count ||
	    !str_equal(a->comment, b->comment))
		return false;
	for (size_t i = 0; i < a->statement_count; i++) {
		if (!statement_equal(&a->statements[i], &b->statements[i]))
			return false;
	}
	return true;
}

bool chain_same_kind(const struct chain *a, const struct chain *b)
{
	return str_equal(a->hook, b->hook) && a->priority == b->priority && a->drops == b->drops;
}

/* What a set's declaration says of a field: its type's number and its length. */
bool set_same_kind(const struct set *a, const struct set *b)
{
	if (a->field_count != b->field_count || a->intervals != b->intervals ||
	    a->verdicts != b->verdicts)
		return false;
	for (size_t i = 0; i < a->field_count; i++) {
		const struct field_row *one = field_row(a->fields[i]),
				       *other = field_row(b->fields[i]);
		if (one->set_type_number != other->set_type_number ||
		    one->load.length != other->load.length)
			return false;
	}
	return true;
}

int element_compare_keys(const struct element *a, const struct element *b)
{
	int order = memcmp(a->first, b->first, sizeof(a->first));

	return order ? order : memcmp(a->last, b->last, sizeof(a->last));
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

int element_compare(const void *one, const void *other)
{
	const struct element *a = one, *b = other;
	int order = element_compare_keys(a, b);

	if (order == 0)
		order = (int)a->verdict - (int)b->verdict;
	if (order == 0)
		order = compare_texts(a->chain, b->chain);
	return order ? order : compare_texts(a->comment, b->comment);
}

/* --- freeing --- */

static void rule_clear(struct rule *rule)
{
	for (size_t i = 0; i < rule->statement_count; i++)
		free(rule->statements[i].name);
	free(rule->statements);
	free(rule->comment);
}

static void chain_clear(struct chain *chain)
{
	for (size_t i = 0; i < chain->rule_count; i++)
		rule_clear(&chain->rules[i]);
	free(chain->rules);
	free(chain->name);
	free(chain->comment);
}

static void set_clear(struct set *set)
{
	for (size_t i = 0; i < set->element_count; i++) {
		free(set->elements[i].comment);
		free(set->elements[i].chain);
	}
	free(set->elements);
	free(set->name);
}

void ruleset_clear(struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->chain_count; i++)
		chain_clear(&ruleset->chains[i]);
	for (size_t i = 0; i < ruleset->set_count; i++)
		set_clear(&ruleset->sets[i]);
	free(ruleset->chains);
	free(ruleset->sets);
	*ruleset = (struct ruleset){0};
}
