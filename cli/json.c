/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON strings (RFC 8259). What may not be shown is escaped; what is no UTF-8 is U+FFFD. */
#include <string.h>

#include "base/printable.h"
#include "cli/cli.h"

void json_string(struct strbuf *out, const char *text)
{
	if (!text) {
		strbuf_puts(out, "null");
		return;
	}
	strbuf_puts(out, "\"");
	size_t left = strlen(text), bytes;
	for (; left > 0; text += bytes, left -= bytes) {
		unsigned code;
		bool shown = printable_next(text, left, &bytes, &code);
		if (*text == '"' || *text == '\\')
			strbuf_printf(out, "\\%c", *text);
		else if (shown)
			strbuf_add(out, text, bytes);
		else
			strbuf_printf(out, "\\u%04x", code);
	}
	strbuf_puts(out, "\"");
}
