/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON strings (RFC 8259). */
#include "cli/cli.h"

void json_string(struct strbuf *out, const char *text)
{
	if (!text) {
		strbuf_puts(out, "null");
		return;
	}
	strbuf_puts(out, "\"");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			strbuf_printf(out, "\\%c", c);
		else if (c < ' ')
			strbuf_printf(out, "\\u%04x", c);
		else
			strbuf_add(out, text, 1);
	}
	strbuf_puts(out, "\"");
}
