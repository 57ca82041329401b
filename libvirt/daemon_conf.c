/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One setting of a libvirt daemon's configuration file, changed line by line: all else in it is
 * somebody else's. */
#include "libvirt/daemon_conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define MARK "#berth: "
#define NOTE "# \"berth gate enable\" has added this; \"berth gate disable\" takes it away.\n"

/* A line's end: behind its line break, or the end of the text. */
static const char *line_end(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

static const char *skip_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

/* Whether the line sets the key; then where its value begins. */
static const char *value_in(const char *line, const char *key)
{
	const char *at = skip_blanks(line);

	if (!str_starts(at, key))
		return NULL;
	at = skip_blanks(at + strlen(key));
	return *at == '=' ? skip_blanks(at + 1) : NULL;
}

/* A value between double or single quotes, on one line. */
static char *unquote(const char *value)
{
	const char *end = *value == '"' || *value == '\'' ? strpbrk(value + 1, "\"'\n") : NULL;

	return end && *end == *value ? xstrndup(value + 1, (size_t)(end - value - 1)) : xstrdup("");
}

static bool sets(const char *line, const char *key, const char *value)
{
	const char *found = value_in(line, key);
	cleanup_free char *text = found ? unquote(found) : NULL;

	return str_equal(text, value);
}

/* Where the value begins of the line that counts: libvirt takes the first (virConfGetValue() in
 * src/util/virconf.c). NULL: there is none. */
static const char *find(const char *text, const char *key)
{
	for (const char *line = text; *line; line = line_end(line)) {
		const char *value = value_in(line, key);
		if (value)
			return value;
	}
	return NULL;
}

char *daemon_conf_value(const char *text, const char *key)
{
	const char *value = find(text, key);

	return value ? unquote(value) : NULL;
}

bool daemon_conf_is_zero(const char *text, const char *key)
{
	const char *value = find(text, key);
	size_t length = value ? strspn(value, "0") : 0;

	return length > 0 && strchr(" \t\r\n#", value[length]) != NULL;
}

/* --- lists --- */

/* Commas too: libvirt has checked the file, here only the elements matter. */
static const char *skip_between(const char *at)
{
	while (*at && strchr(" \t\r\n,#", *at))
		at = *at == '#' ? line_end(at) : at + 1;
	return at;
}

/* Adds a string between quotes. Return: what follows it, or NULL: there is none. */
static const char *add_string(const char *at, struct daemon_conf_list *list)
{
	const char *end = *at == '"' || *at == '\'' ? at + 1 : NULL;

	while (end && *end && *end != '\n' && *end != *at)
		end++;
	if (!end || *end != *at || list->count == DAEMON_CONF_LIST_MAX)
		return NULL;
	list->items[list->count++] = xstrndup(at + 1, (size_t)(end - at - 1));
	return end + 1;
}

static void add_strings(const char *value, struct daemon_conf_list *list)
{
	if (*value != '[') {
		add_string(value, list);
		return;
	}
	const char *at = skip_between(value + 1);
	while (at && *at && *at != ']') {
		at = add_string(at, list);
		at = at ? skip_between(at) : NULL;
	}
}

void daemon_conf_list(const char *text, const char *key, struct daemon_conf_list *ret)
{
	const char *value = find(text, key);

	*ret = (struct daemon_conf_list){0};
	if (value)
		add_strings(value, ret);
}

void daemon_conf_list_clear(struct daemon_conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	list->count = 0;
}

/* --- changing it --- */

static void add_line(struct strbuf *out, const char *line)
{
	strbuf_add(out, line, (size_t)(line_end(line) - line));
}

bool daemon_conf_set(const char *text, const char *key, const char *value, struct strbuf *out)
{
	cleanup_free char *had = daemon_conf_value(text, key);

	strbuf_puts(out, "");
	if (str_equal(had, value)) {
		strbuf_puts(out, text);
		return false;
	}
	for (const char *line = text; *line; line = line_end(line)) {
		if (value_in(line, key))
			strbuf_puts(out, MARK);
		add_line(out, line);
	}
	if (out->length && out->text[out->length - 1] != '\n')
		strbuf_puts(out, "\n");
	strbuf_printf(out, NOTE "%s = \"%s\"\n", key, value);
	return true;
}

bool daemon_conf_set_back(const char *text, const char *key, const char *value, struct strbuf *out)
{
	bool changed = false;

	strbuf_puts(out, "");
	for (const char *line = text; *line; line = line_end(line)) {
		const char *next = line_end(line);
		bool marked = str_starts(line, MARK) && value_in(line + strlen(MARK), key);
		bool goes = sets(line, key, value) ||
			    (str_starts(line, NOTE) && sets(next, key, value));

		changed |= marked || goes;
		if (!goes)
			add_line(out, marked ? line + strlen(MARK) : line);
	}
	return changed;
}

/* What a new file is like: that of before, or root's alone. */
static int look_at(const char *path, struct stat *ret, struct err *err)
{
	if (stat(path, ret) == 0)
		return 1;
	if (errno != ENOENT)
		return err_set(err, errno, "'%s': %s", path, strerror(errno));
	*ret = (struct stat){.st_mode = 0600};
	return 0;
}

int daemon_conf_write(const char *path, const struct strbuf *before, const struct strbuf *after,
		      struct err *err)
{
	cleanup_free char *real = realpath(path, NULL);
	const char *file = real ? real : path;
	cleanup_free char *backup = xasprintf("%s.before-berth", file);
	struct stat st;

	int there = look_at(file, &st, err);
	if (there < 0)
		return there;
	if (there) {
		int rc =
			file_replace(backup, before->text, before->length, st.st_mode & 07777, err);
		if (rc < 0)
			return err_wrap(err, "keep a copy of '%s'", file);
	}
	int rc = file_replace(file, after->text, after->length, st.st_mode & 07777, err);
	if (rc == 0 && there && chown(file, st.st_uid, st.st_gid) < 0)
		return err_set(err, errno, "'%s': keep its owner: %s", file, strerror(errno));
	return rc;
}
