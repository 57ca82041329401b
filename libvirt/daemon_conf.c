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

char *daemon_conf_value(const char *text, const char *key)
{
	char *value = NULL;

	for (const char *line = text; *line; line = line_end(line)) {
		const char *found = value_in(line, key);
		if (!found)
			continue;
		free(value);
		value = unquote(found);
	}
	return value;
}

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
