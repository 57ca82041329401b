/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the records of images and of volumes: a small text file per domain UUID, replaced whole.
 */
#ifndef BERTH_HOOKS_RECORDS_GUEST_RECORD_H
#define BERTH_HOOKS_RECORDS_GUEST_RECORD_H

#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "hooks/records/fields.h"
#include "hooks/records/site.h"

/**
 * struct guest_record_form - one kind of record
 * @folder: below the state's folder
 * @format_line: the file's first line
 * @item: the word that its lines begin with, but for the guest's own
 * @max_bytes: more is neither written nor read
 * @read_item: takes one line in; 0, or -EBADMSG
 */
struct guest_record_form {
	const char *folder;
	const char *format_line;
	const char *item;
	size_t max_bytes;
	int (*read_item)(void *record, const struct fields *line);
};

/**
 * guest_record_read() - read a domain's record
 * @name: gets the guest's name, or stays as it is; owned by the caller
 * @record: handed to @read_item
 *
 * Return: 0, also when there is no such record; -EBADMSG when it can't be understood; or another
 * negative errno.
 */
int guest_record_read(const struct guest_record_form *form, const struct site *site,
		      const char *uuid, char **name, void *record, struct err *err);

/* guest_record_write() - replaces the record; @items: its lines; without any it is removed. */
int guest_record_write(const struct guest_record_form *form, const struct site *site,
		       const char *uuid, const char *name, const struct strbuf *items,
		       struct err *err);

#endif
