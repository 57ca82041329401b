/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a journal or a record of another guest still tells when it can't be read. */
#ifndef BERTH_HOOKS_RECORDS_UNREAD_H
#define BERTH_HOOKS_RECORDS_UNREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hooks/records/site.h"

/**
 * struct unread - the text of a file that isn't understood, as far as there is any
 * @text: NULL: it could not be read at all, or is huge; owned
 * @birth_ns: when the file was made, in nanoseconds since 1970; 0: not known
 */
struct unread {
	char *text;
	size_t length;
	uint64_t birth_ns;
};

#define cleanup_unread cleanup(unread_clear)

/* unread_look() - take in what is there of the guest's file in that folder of the state. */
void unread_look(const struct site *site, const char *folder, const char *uuid, struct unread *ret);
/* unread_has_value() - whether "key=value" may be one of its fields; true where it has no text. */
bool unread_has_value(const struct unread *unread, const char *key, const char *value);
void unread_clear(struct unread *unread);

#endif
