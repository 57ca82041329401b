/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: formatting into a fixed buffer, kept to one line. */
#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"

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
	/* Names come from other hosts: a line break in one must not forge a second line in a log.
	 */
	printable_line(err->text);
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
	printable_line(err->text);
	return -err->code;
}
