/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A linear scanner of XML markup. Whether a text is well-formed is for libxml2 to say. */
#include "xml/scan.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_name(char c)
{
	return is_blank(c) || c == '/' || c == '>' || c == '=' || c == '<' || c == '"' || c == '\'';
}

static bool stands_at(const struct scan *scan, size_t at, const char *wanted)
{
	size_t length = strlen(wanted);

	return scan->length - at >= length && memcmp(scan->text + at, wanted, length) == 0;
}

/* Offset behind the next @wanted, or 0. */
static size_t find_behind(const struct scan *scan, size_t at, const char *wanted)
{
	size_t length = strlen(wanted);
	const char *found = memmem(scan->text + at, scan->length - at, wanted, length);

	return found ? (size_t)(found - scan->text) + length : 0;
}

static size_t skip_blank(const struct scan *scan, size_t at, size_t end)
{
	while (at < end && is_blank(scan->text[at]))
		at++;
	return at;
}

static size_t skip_name(const struct scan *scan, size_t at, size_t end)
{
	while (at < end && !ends_name(scan->text[at]))
		at++;
	return at;
}

/* Offset behind the '>' that ends the tag, or 0. A '>' inside quotes is none. */
static size_t find_tag_end(const struct scan *scan, size_t at)
{
	for (; at < scan->length; at++) {
		char c = scan->text[at];
		if (c == '>')
			return at + 1;
		if (c == '<')
			return 0;
		if (c != '"' && c != '\'')
			continue;
		const char *quote = memchr(scan->text + at + 1, c, scan->length - at - 1);
		if (!quote)
			return 0;
		at = (size_t)(quote - scan->text);
	}
	return 0;
}

static void scan_tag(struct scan *scan, struct scan_token *token)
{
	bool closes = stands_at(scan, token->begin, "</");
	size_t name = token->begin + (closes ? 2 : 1);

	token->kind = closes ? SCAN_END : SCAN_START;
	token->name_end = skip_name(scan, name, scan->length);
	if (token->name_end == name)
		return;
	token->end = find_tag_end(scan, token->name_end);
	if (!token->end || closes)
		return;
	token->empty = scan->text[token->end - 2] == '/';
	token->element = scan->elements++;
}

static void scan_markup(struct scan *scan, struct scan_token *token)
{
	static const struct {
		const char *begin;
		const char *end;
		enum scan_kind kind;
	} markup[] = {
		{"<!--", "-->", SCAN_NOTE},
		{"<?", "?>", SCAN_NOTE},
		{"<![CDATA[", "]]>", SCAN_CDATA},
		{"<!DOCTYPE", "", SCAN_DOCTYPE},
	};

	for (size_t i = 0; i < sizeof(markup) / sizeof(markup[0]); i++) {
		if (!stands_at(scan, token->begin, markup[i].begin))
			continue;
		token->kind = markup[i].kind;
		token->end =
			find_behind(scan, token->begin + strlen(markup[i].begin), markup[i].end);
		return;
	}
	scan_tag(scan, token);
}

void scan_next(struct scan *scan, struct scan_token *ret)
{
	struct scan_token token = {.kind = SCAN_TEXT, .begin = scan->at};

	if (scan->at == scan->length) {
		token.kind = SCAN_EOF;
		token.end = scan->length;
	} else if (scan->text[scan->at] == '<') {
		scan_markup(scan, &token);
	} else {
		const char *next = memchr(scan->text + scan->at, '<', scan->length - scan->at);
		token.end = next ? (size_t)(next - scan->text) : scan->length;
	}
	if (!token.end) {
		token.kind = SCAN_BROKEN;
		token.end = scan->length;
	}
	scan->at = token.end;
	*ret = token;
}

bool scan_attribute(const struct scan *scan, const struct scan_token *tag, size_t *at,
		    struct scan_attribute *ret)
{
	size_t end = tag->end;
	struct scan_attribute found = {.name = skip_blank(scan, *at, end)};

	found.name_end = skip_name(scan, found.name, end);
	size_t equals = skip_blank(scan, found.name_end, end);
	if (found.name_end == found.name || equals == end || scan->text[equals] != '=')
		return false;
	size_t quote = skip_blank(scan, equals + 1, end);
	if (quote == end || (scan->text[quote] != '"' && scan->text[quote] != '\''))
		return false;
	found.value = quote + 1;
	const char *closing =
		memchr(scan->text + found.value, scan->text[quote], end - found.value);
	if (!closing)
		return false;
	found.value_end = (size_t)(closing - scan->text);
	*at = found.value_end + 1;
	*ret = found;
	return true;
}

unsigned scan_line(const struct scan *scan, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += scan->text[i] == '\n';
	return line;
}
