/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: formatting into a fixed buffer, kept to one line. */
#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* U+0080 to U+009F: a terminal takes some of them for commands. */
static bool is_control_beyond_ascii(const char *c)
{
	unsigned char second = (unsigned char)c[1];

	return (unsigned char)c[0] == 0xc2 && second >= 0x80 && second < 0xa0;
}

/* Names come from other hosts: a line break in one must not forge a second line in a log. */
static void keep_to_one_line(char *text)
{
	for (char *c = text; *c; c++) {
		if (is_control_beyond_ascii(c))
			c[0] = c[1] = '?';
		else if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
}

static void mark_if_cut(char *text, size_t size, int wanted)
{
	if (wanted >= (int)size)
		memcpy(text + size - sizeof("..."), "...", sizeof("..."));
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int wanted = vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	mark_if_cut(err->text, sizeof(err->text), wanted);
	keep_to_one_line(err->text);
	err->code = code;
	return -code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	va_list args;

	memcpy(inner, err->text, sizeof(inner));
	va_start(args, fmt);
	int outer = vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	if (outer < 0 || outer >= (int)sizeof(err->text))
		outer = sizeof(err->text) - 1;
	int wanted = snprintf(err->text + outer, sizeof(err->text) - (size_t)outer, ": %s", inner);
	mark_if_cut(err->text, sizeof(err->text), outer + wanted);
	keep_to_one_line(err->text);
	return -err->code;
}
