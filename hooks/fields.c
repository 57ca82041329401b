/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of fields between tabs. */
#include "hooks/fields.h"

#include <inttypes.h>
#include <string.h>

void fields_split(struct fields *line, char *text)
{
	char *rest = NULL;

	*line = (struct fields){.word = ""};
	char *part = strtok_r(text, "\t", &rest);
	if (part)
		line->word = part;
	while ((part = strtok_r(NULL, "\t", &rest)) && line->count < FIELDS_MAX)
		line->items[line->count++] = part;
}

const char *field(const struct fields *line, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = 0; i < line->count; i++) {
		if (strncmp(line->items[i], key, length) == 0 && line->items[i][length] == '=')
			return line->items[i] + length + 1;
	}
	return NULL;
}

bool field_u64(const struct fields *line, const char *key, uint64_t *value)
{
	const char *text = field(line, key);
	unsigned long long number;

	if (!text || !str_to_u64(text, &number))
		return false;
	*value = number;
	return true;
}

void field_put(struct strbuf *out, const char *key, const char *value)
{
	if (value)
		strbuf_printf(out, "\t%s=%s", key, value);
}

void field_put_u64(struct strbuf *out, const char *key, uint64_t value)
{
	strbuf_printf(out, "\t%s=%" PRIu64, key, value);
}
