/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ruleset as nft writes it; a test has nft read it back. */
#include "netfw/ruleset.h"

#include <string.h>

#include "netfw/table.h"

static const char *verdict_name(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ACCEPT:
		return "accept";
	case VERDICT_DROP:
		return "drop";
	case VERDICT_GOTO:
		return "goto";
	case VERDICT_JUMP:
		return "jump";
	}
	return "?";
}

static void print_verdict(enum verdict verdict, const char *chain, struct strbuf *out)
{
	strbuf_puts(out, verdict_name(verdict));
	if (verdict == VERDICT_GOTO || verdict == VERDICT_JUMP)
		strbuf_printf(out, " %s", chain);
}

static void print_fields(const enum field *fields, size_t count, struct strbuf *out)
{
	for (size_t i = 0; i < count; i++)
		strbuf_printf(out, "%s%s", i ? " . " : "", field_row(fields[i])->name);
}

static bool is_zero(const uint8_t *value, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (value[i])
			return false;
	}
	return true;
}

/* "ct state established,related": some of these bits are set. */
static bool print_flags(const struct statement *match, const struct field_row *row,
			struct strbuf *out)
{
	if ((row->type != TYPE_CT_STATE && row->type != TYPE_TCP_FLAGS) || !match->masked ||
	    match->comparison != COMPARE_UNEQUAL || !is_zero(match->first, row->load.length))
		return false;
	strbuf_printf(out, "%s ", row->name);
	field_format(match->fields[0], match->mask, out);
	return true;
}

/* An interface's name that doesn't end in a NUL stands for all that begin with it. */
static bool print_interface(const struct statement *match, const struct field_row *row,
			    struct strbuf *out)
{
	size_t length = strnlen((const char *)match->first, FIELD_MAX_BYTES);

	if (row->type != TYPE_INTERFACE_NAME || !match->masked)
		return false;
	strbuf_printf(out, "%s \"%.*s*\"", row->name, (int)length, (const char *)match->first);
	return true;
}

static void print_match(const struct statement *match, struct strbuf *out)
{
	const struct field_row *row = field_row(match->fields[0]);

	if (print_flags(match, row, out) || print_interface(match, row, out))
		return;
	strbuf_puts(out, row->name);
	if (match->masked && !row->own_mask) {
		strbuf_puts(out, " & ");
		field_format(match->fields[0], match->mask, out);
		if (match->comparison == COMPARE_EQUAL)
			strbuf_puts(out, " ==");
	}
	strbuf_puts(out, match->comparison == COMPARE_UNEQUAL ? " != " : " ");
	field_format(match->fields[0], match->first, out);
	if (match->comparison == COMPARE_RANGE) {
		strbuf_puts(out, "-");
		field_format(match->fields[0], match->last, out);
	}
}

static void print_statement(const struct statement *statement, struct strbuf *out)
{
	switch (statement->kind) {
	case STATEMENT_MATCH:
		print_match(statement, out);
		break;
	case STATEMENT_LOOKUP:
		print_fields(statement->fields, statement->field_count, out);
		strbuf_printf(out, "%s@%s", statement->comparison == COMPARE_UNEQUAL ? " != " : " ",
			      statement->name);
		break;
	case STATEMENT_MAP:
		print_fields(statement->fields, statement->field_count, out);
		strbuf_printf(out, " vmap @%s", statement->name);
		break;
	case STATEMENT_COUNTER:
		strbuf_puts(out, "counter");
		break;
	case STATEMENT_VERDICT:
		print_verdict(statement->verdict, statement->name, out);
		break;
	case STATEMENT_ZONE:
		strbuf_printf(out, "ct zone set %u", statement->zone);
		break;
	}
}

void rule_print(const struct rule *rule, struct strbuf *out)
{
	const char *between = "";

	for (size_t i = 0; i < rule->statement_count; i++) {
		if (rule->statements[i].implied)
			continue;
		strbuf_puts(out, between);
		print_statement(&rule->statements[i], out);
		between = " ";
	}
	if (rule->comment)
		strbuf_printf(out, "%scomment \"%s\"", between, rule->comment);
}

static void print_chain(const struct chain *chain, struct strbuf *out)
{
	strbuf_printf(out, "\n\tchain %s {\n", chain->name);
	if (chain->comment)
		strbuf_printf(out, "\t\tcomment \"%s\"\n", chain->comment);
	if (chain->hook)
		strbuf_printf(out, "\t\ttype filter hook %s priority %d; policy accept;\n",
			      chain->hook, chain->priority);
	for (size_t i = 0; i < chain->rule_count; i++) {
		strbuf_puts(out, "\t\t");
		rule_print(&chain->rules[i], out);
		strbuf_puts(out, "\n");
	}
	strbuf_puts(out, "\t}\n");
}

/* --- sets --- */

static void print_key(const struct set *set, const struct element *element, struct strbuf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < set->field_count; i++) {
		size_t length = field_row(set->fields[i])->load.length;
		strbuf_puts(out, i ? " . " : "");
		field_format(set->fields[i], element->first + at, out);
		if (set->intervals && memcmp(element->first + at, element->last + at, length)) {
			strbuf_puts(out, "-");
			field_format(set->fields[i], element->last + at, out);
		}
		at += (length + 3) / 4 * 4;
	}
}

static void print_elements(const struct set *set, struct strbuf *out)
{
	if (set->element_count == 0)
		return;
	strbuf_puts(out, "\t\telements = { ");
	for (size_t i = 0; i < set->element_count; i++) {
		const struct element *element = &set->elements[i];
		strbuf_puts(out, i ? ",\n\t\t\t     " : "");
		print_key(set, element, out);
		if (element->comment)
			strbuf_printf(out, " comment \"%s\"", element->comment);
		if (set->verdicts) {
			strbuf_puts(out, " : ");
			print_verdict(element->verdict, element->chain, out);
		}
	}
	strbuf_puts(out, " }\n");
}

static void print_set(const struct set *set, struct strbuf *out)
{
	bool by_type = true;

	for (size_t i = 0; i < set->field_count; i++)
		by_type = by_type && field_row(set->fields[i])->set_type;
	strbuf_printf(out, "\n\t%s %s {\n\t\t%s ", set->verdicts ? "map" : "set", set->name,
		      by_type ? "type" : "typeof");
	for (size_t i = 0; i < set->field_count; i++) {
		const struct field_row *row = field_row(set->fields[i]);
		strbuf_printf(out, "%s%s", i ? " . " : "", by_type ? row->set_type : row->name);
	}
	strbuf_puts(out, set->verdicts ? " : verdict\n" : "\n");
	if (set->intervals)
		strbuf_puts(out, "\t\tflags interval\n");
	print_elements(set, out);
	strbuf_puts(out, "\t}\n");
}

void ruleset_print(const struct ruleset *ruleset, struct strbuf *out)
{
	strbuf_puts(out, "table bridge " TABLE_NAME " {\n\tcomment \"" TABLE_COMMENT "\"\n");
	for (size_t i = 0; i < ruleset->set_count; i++)
		print_set(&ruleset->sets[i], out);
	for (size_t i = 0; i < ruleset->chain_count; i++)
		print_chain(&ruleset->chains[i], out);
	strbuf_puts(out, "}\n");
}
