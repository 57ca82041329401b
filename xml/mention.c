/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking for a text in XML without parsing. */
#include "xml/mention.h"

#include <stdlib.h>
#include <string.h>

static bool has(const char *text, size_t length, const char *what)
{
	return memmem(text, length, what, strlen(what)) != NULL;
}

/* @digits: what stands behind "&#", up to @end. strtoul() is no help: the text may end there. */
static bool is_printable_ascii(const char *digits, const char *end)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	unsigned base = 10, number = 0;

	if (digits < end && *digits == 'x') {
		base = 16;
		digits++;
	}
	for (; digits < end && *digits != ';' && number < 0x110000; digits++) {
		const char *digit = *digits ? strchr(hex, *digits) : NULL;
		if (!digit || (unsigned)(digit - hex) % 16 >= base)
			return true; /* no reference: whatever that may be */
		number = number * base + (unsigned)(digit - hex) % 16;
	}
	return number >= ' ' && number < 0x7f;
}

static bool has_odd_reference(const char *text, size_t length)
{
	const char *end = text + length, *at = text;

	while ((at = memmem(at, (size_t)(end - at), "&#", 2))) {
		at += 2;
		if (is_printable_ascii(at, end))
			return true;
	}
	return false;
}

static bool is_encoded(const char *text, size_t length)
{
	static const char declaration[] = "<?xml";
	const char *end = memchr(text, '>', length);

	if (memchr(text, '\0', length))
		return true;
	return end && length > strlen(declaration) &&
	       memcmp(text, declaration, strlen(declaration)) == 0 &&
	       has(text, (size_t)(end - text), "encoding") &&
	       !has(text, (size_t)(end - text), "UTF-8");
}

bool xml_may_mention(const char *text, size_t length, const char *what)
{
	if (length == 0)
		return false;
	return has(text, length, what) || has_odd_reference(text, length) ||
	       has(text, length, "<!DOCTYPE") || is_encoded(text, length);
}
