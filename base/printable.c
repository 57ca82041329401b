/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling what may be shown from what may not. */
#include "base/printable.h"

#include <string.h>

#include "base/cleanup.h"

/* Both ends included. */
static const struct {
	unsigned first;
	unsigned last;
} hidden[] = {
	{0x0000, 0x001f}, /* C0 controls */
	{0x007f, 0x009f}, /* DEL, C1 controls */
	{0x061c, 0x061c}, /* ARABIC LETTER MARK */
	{0x200e, 0x200f}, /* LEFT-TO-RIGHT MARK, RIGHT-TO-LEFT MARK */
	{0x2028, 0x202e}, /* separators of lines and paragraphs, embeddings, overrides */
	{0x2066, 0x2069}, /* isolates */
};

static bool is_hidden(unsigned code)
{
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	}
	return false;
}

/* How many bytes a sequence has that begins so, and the least code point that needs as many. */
static size_t sequence(unsigned char first, unsigned *ret_bits, unsigned *ret_least)
{
	static const struct {
		unsigned char mask, mark;
		unsigned least;
	} kinds[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if ((first & kinds[i].mask) != kinds[i].mark)
			continue;
		*ret_bits = first & (unsigned char)~kinds[i].mask;
		*ret_least = kinds[i].least;
		return i + 1;
	}
	return 0;
}

/* Return: how many bytes it has, or 0: they are no UTF-8. */
static size_t decode(const char *text, size_t length, unsigned *ret)
{
	unsigned code = 0, least = 0;
	size_t wanted = sequence((unsigned char)text[0], &code, &least);

	if (wanted == 0 || wanted > length)
		return 0;
	for (size_t i = 1; i < wanted; i++) {
		unsigned char byte = (unsigned char)text[i];
		if ((byte & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (byte & 0x3f);
	}
	/* Longer than it needs to be, half of a UTF-16 pair, or beyond Unicode. */
	if (code < least || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	*ret = code;
	return wanted;
}

bool printable_next(const char *text, size_t length, size_t *ret_length, unsigned *ret_code)
{
	unsigned code = PRINTABLE_INVALID;
	size_t bytes = decode(text, length, &code);

	*ret_length = bytes ? bytes : 1;
	if (ret_code)
		*ret_code = code;
	return bytes && !is_hidden(code);
}

void printable_line(char *text)
{
	size_t length = strlen(text), bytes;

	for (size_t at = 0; at < length; at += bytes) {
		if (!printable_next(text + at, length - at, &bytes, NULL))
			memset(text + at, '?', bytes);
	}
}
