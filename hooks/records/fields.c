/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of fields between tabs. */
#include "hooks/records/fields.h"

#include <errno.h>
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

/* What stands for a control character in lines that are not to be written. */
#define FORBIDDEN '\x7f'

/* The length of the control character that @text begins with, or 0. */
static size_t control_length(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;

	if (byte[0] < ' ' || byte[0] == 0x7f)
		return 1;
	return byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f ? 2 : 0;
}

static void put_value(struct strbuf *out, const char *value)
{
	static const char forbidden = FORBIDDEN;

	while (*value) {
		size_t length = 0;
		while (value[length] && control_length(value + length) == 0)
			length++;
		strbuf_add(out, value, length);
		value += length;
		if (*value)
			strbuf_add(out, &forbidden, 1);
		value += *value ? control_length(value) : 0;
	}
}

void field_put(struct strbuf *out, const char *key, const char *value)
{
	if (!value)
		return;
	strbuf_printf(out, "\t%s=", key);
	put_value(out, value);
}

void field_put_u64(struct strbuf *out, const char *key, uint64_t value)
{
	strbuf_printf(out, "\t%s=%" PRIu64, key, value);
}

static int refuse_value(const char *line, const char *at, struct err *err)
{
	const char *field = at;

	while (field > line && field[-1] != '\t')
		field--;
	return err_set(err, EINVAL,
		       "'%.*s' in a line '%.*s' holds a control character; rename the file or "
		       "other object that has it in its name",
		       (int)strcspn(field, "=\n"), field, (int)strcspn(line, "\t\n"), line);
}

int fields_check(const struct strbuf *lines, struct err *err)
{
	const char *line = lines->text;

	for (size_t i = 0; i < lines->length; i++) {
		const char *at = lines->text + i;
		if (*at == '\n')
			line = at + 1;
		else if (*at != '\t' && control_length(at) > 0)
			return refuse_value(line, at, err);
	}
	return 0;
}
