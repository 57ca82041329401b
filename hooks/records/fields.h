/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of fields between tabs: a keyword, then key=value; for the journal and the image records.
 */
#ifndef BERTH_HOOKS_RECORDS_FIELDS_H
#define BERTH_HOOKS_RECORDS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

#define FIELDS_MAX 16

struct fields {
	const char *word;
	const char *items[FIELDS_MAX];
	size_t count;
};

/* fields_split() - splits @text in place; what is past FIELDS_MAX is dropped. @line points into
 * @text. */
void fields_split(struct fields *line, char *text);
/* field() - a key's value, or NULL. */
const char *field(const struct fields *line, const char *key);
/* field_u64() - whether the key is there with a decimal number; sets *@value only then. */
bool field_u64(const struct fields *line, const char *key, uint64_t *value);

/* field_put() - appends "\tkey=value"; nothing for NULL. A control character in the value becomes a
 * mark that fields_check() finds. */
void field_put(struct strbuf *out, const char *key, const char *value);
void field_put_u64(struct strbuf *out, const char *key, uint64_t value);

/**
 * fields_check() - whether lines may be written into a file
 *
 * Whoever writes such lines asks: a tab or a line break in a value would forge other fields.
 *
 * Return: 0; -EINVAL when a value holds a control character (C0, DEL, or C1 in UTF-8).
 */
int fields_check(const struct strbuf *lines, struct err *err);

#endif
