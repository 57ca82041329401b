/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes' values as text. */
#include "xml/scan_value.h"

#include <string.h>

#include "base/strbuf.h"

/* Appends a character as UTF-8 (RFC 3629). */
static bool add_character(struct strbuf *out, unsigned long number)
{
	char bytes[4];
	size_t length = number < 0x80 ? 1 : number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

	if (number < ' ' || number == 0x7f || number > 0x10ffff)
		return false;
	for (size_t i = length; i-- > 1; number >>= 6)
		bytes[i] = (char)(0x80 | (number & 0x3f));
	bytes[0] = (char)(marks[length] | number);
	strbuf_add(out, bytes, length);
	return true;
}

static bool add_reference(struct strbuf *out, const char *digits)
{
	int base = *digits == 'x' ? 16 : 10;
	char *end;

	digits += base == 16;
	if (!strchr("0123456789abcdefABCDEF", *digits) || !*digits)
		return false;
	unsigned long number = strtoul(digits, &end, base);
	return *end == '\0' && add_character(out, number);
}

/* @name: what stands between '&' and ';' */
static bool add_entity(struct strbuf *out, const char *name)
{
	static const struct {
		const char *name;
		char character;
	} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

	if (*name == '#')
		return add_reference(out, name + 1);
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (strcmp(entities[i].name, name) != 0)
			continue;
		strbuf_add(out, &entities[i].character, 1);
		return true;
	}
	return false;
}

char *scan_value_decode(const char *text, size_t length)
{
	cleanup_strbuf struct strbuf out = {0};
	const char *end = text + length;
	char name[16];

	strbuf_puts(&out, "");
	while (text < end) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return NULL;
		if (*text != '&') {
			strbuf_add(&out, text++, 1);
			continue;
		}
		const char *semicolon = memchr(text, ';', (size_t)(end - text));
		if (!semicolon || (size_t)(semicolon - text) >= sizeof(name))
			return NULL;
		memcpy(name, text + 1, (size_t)(semicolon - text - 1));
		name[semicolon - text - 1] = '\0';
		if (!add_entity(&out, name))
			return NULL;
		text = semicolon + 1;
	}
	return strbuf_steal(&out);
}

/* Behind the last attribute only blanks, '/' and '>' may stand. */
static bool ends_well(const struct scan *scan, const struct scan_token *tag, size_t at)
{
	while (at < tag->end && strchr(" \t\r\n", scan->text[at]))
		at++;
	if (tag->empty)
		at++;
	return at + 1 == tag->end;
}

bool scan_value_of(const struct scan *scan, const struct scan_token *tag, const char *name,
		   char **ret)
{
	cleanup_free char *value = NULL;
	struct scan_attribute attribute;
	size_t at = tag->name_end, length = strlen(name);

	while (scan_attribute(scan, tag, &at, &attribute)) {
		if (attribute.name_end - attribute.name != length ||
		    memcmp(scan->text + attribute.name, name, length) != 0)
			continue;
		if (value)
			return false;
		value = scan_value_decode(scan->text + attribute.value,
					  attribute.value_end - attribute.value);
		if (!value)
			return false;
	}
	if (!ends_well(scan, tag, at))
		return false;
	*ret = steal_pointer(value);
	return true;
}
