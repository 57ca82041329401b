/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of fields between tabs: a keyword, then key=value; for the journal and the image records.
 */
#ifndef BERTH_HOOKS_FIELDS_H
#define BERTH_HOOKS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* field_put() - appends "\tkey=value"; nothing for NULL. */
void field_put(struct strbuf *out, const char *key, const char *value);
void field_put_u64(struct strbuf *out, const char *key, uint64_t value);

#endif
