/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XML 1.0: 2.2 (characters), 2.4 (markup), 2.11 (line ends), 3.3.3 (white space in attributes). */
#include "xml/characters.h"

#include <stdint.h>
#include <string.h>

/* How many bytes the character has whose first byte this is; 0: no character begins so. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static bool is_character(uint32_t code, size_t length)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

	if (code < ' ')
		return code == '\t' || code == '\n' || code == '\r';
	if (code < smallest[length] || code > 0x10ffff)
		return false;
	return (code < 0xd800 || code > 0xdfff) && code != 0xfffe && code != 0xffff;
}

/* Bytes of the character at @text, or 0: it is none. */
static size_t character_length(const unsigned char *text, size_t available)
{
	size_t length = sequence_length(text[0]);

	if (length == 0 || length > available)
		return 0;
	uint32_t code = length == 1 ? text[0] : text[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return is_character(code, length) ? length : 0;
}

size_t xml_find_bad(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t step = character_length((const unsigned char *)text + at, length - at);
		if (step == 0)
			return at;
		at += step;
	}
	return length;
}

static void escape(struct strbuf *out, const char *value, const char *special)
{
	for (;;) {
		size_t plain = strcspn(value, special);
		strbuf_add(out, value, plain);
		value += plain;
		switch (*value++) {
		case '\0':
			return;
		case '&':
			strbuf_puts(out, "&amp;");
			break;
		case '<':
			strbuf_puts(out, "&lt;");
			break;
		case '>':
			strbuf_puts(out, "&gt;");
			break;
		case '"':
			strbuf_puts(out, "&quot;");
			break;
		case '\'':
			strbuf_puts(out, "&apos;");
			break;
		default:
			strbuf_printf(out, "&#%d;", value[-1]);
		}
	}
}

void xml_escape_attribute(struct strbuf *out, const char *value, char quote)
{
	escape(out, value, quote == '"' ? "&<>\"\t\n\r" : "&<>'\t\n\r");
}

void xml_escape_text(struct strbuf *out, const char *value)
{
	escape(out, value, "&<>\r");
}
