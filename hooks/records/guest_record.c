/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of a guest: a line that tells the format, one of the guest, then one for each item. */
#include "hooks/records/guest_record.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

static char *record_path(const struct guest_record_form *form, const struct site *site,
			 const char *uuid)
{
	return xasprintf("%s/%s/%s", site->state, form->folder, uuid);
}

static int read_line(const struct guest_record_form *form, char *text, char **name, void *record)
{
	struct fields line;

	fields_split(&line, text);
	if (strcmp(line.word, "guest") == 0) {
		free(*name);
		*name = xstrdup(field(&line, "name"));
		return 0;
	}
	return strcmp(line.word, form->item) == 0 ? form->read_item(record, &line) : -EBADMSG;
}

static int read_lines(const struct guest_record_form *form, char *text, char **name, void *record)
{
	char *rest = NULL;
	char *line = strtok_r(text, "\n", &rest);

	if (!line || strcmp(line, form->format_line) != 0)
		return -EBADMSG;
	while ((line = strtok_r(NULL, "\n", &rest))) {
		if (read_line(form, line, name, record) < 0)
			return -EBADMSG;
	}
	return 0;
}

int guest_record_read(const struct guest_record_form *form, const struct site *site,
		      const char *uuid, char **name, void *record, struct err *err)
{
	cleanup_free char *path = record_path(form, site, uuid);
	cleanup_strbuf struct strbuf text = {0};

	int rc = file_read(path, form->max_bytes, &text, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	if (read_lines(form, text.text ? text.text : (char[]){""}, name, record) < 0)
		return err_set(err, EBADMSG,
			       "record '%s' is not understood; is it from a newer berth?", path);
	return 0;
}

int guest_record_write(const struct guest_record_form *form, const struct site *site,
		       const char *uuid, const char *name, const struct strbuf *items,
		       struct err *err)
{
	cleanup_free char *path = record_path(form, site, uuid);
	cleanup_free char *folder = path_folder(path);
	cleanup_strbuf struct strbuf text = {0};

	if (items->length == 0) {
		if (unlink(path) < 0 && errno != ENOENT)
			return err_set(err, errno, "record '%s': remove: %s", path,
				       strerror(errno));
		return 0;
	}
	strbuf_printf(&text, "%s\nguest", form->format_line);
	field_put(&text, "name", name);
	strbuf_puts(&text, "\n");
	strbuf_add(&text, items->text, items->length);
	if (fields_check(&text, err) < 0)
		return err_wrap(err, "record '%s'", path);
	if (text.length > form->max_bytes)
		return err_set(err, EFBIG, "record '%s' would be larger than %zu bytes", path,
			       form->max_bytes);
	int rc = file_make_folders(folder, 0700, err);
	return rc < 0 ? rc : file_replace(path, text.text, text.length, 0600, err);
}
