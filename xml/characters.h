/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: which characters XML can hold, and how they are written. */
#ifndef BERTH_XML_CHARACTERS_H
#define BERTH_XML_CHARACTERS_H

#include <stddef.h>

#include "base/strbuf.h"

/**
 * xml_find_bad() - the first character that can't stand in an XML 1.0 text
 *
 * That is: a byte that isn't strict UTF-8 (RFC 3629: no overlong form, no surrogate), a control
 * character other than tab and line ends, NUL, U+FFFE and U+FFFF.
 *
 * Return: its offset, or @length when all is well.
 */
size_t xml_find_bad(const char *text, size_t length);

/* xml_escape_attribute() - append a value as it stands between @quote and @quote. */
void xml_escape_attribute(struct strbuf *out, const char *value, char quote);

/* xml_escape_text() - append a value as it stands between two tags. */
void xml_escape_text(struct strbuf *out, const char *value);

#endif
