/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of other guests that can't be read.
 *
 * The rule that all readers of other guests' journals and records keep: what concerns one guest
 * never stops another. A file that is damaged, too large or from a newer berth is told of in the
 * log and passed over. Only where passing over could harm data counts what its bytes say:
 *
 * - a domain is not started from an image that such a journal names, or that is younger than a
 *   journal whose text can't be had: the image may be empty (hooks/incoming_start.c);
 * - a volume that such a record names stays attached: its guest may be using it
 *   (hooks/records/volume_record.c).
 *
 * A guest's own file that can't be read stops that guest, and nothing of it is changed.
 */
#include "hooks/records/unread.h"

#include <string.h>

#include "base/file.h"
#include "storage/file_id.h"

#define LOOK_MAX_BYTES ((size_t)64 << 20)

void unread_look(const struct site *site, const char *folder, const char *uuid, struct unread *ret)
{
	cleanup_free char *path = xasprintf("%s/%s/%s", site->state, folder, uuid);
	cleanup_strbuf struct strbuf text = {0};
	struct file_id id;
	struct err unused;

	*ret = (struct unread){0};
	if (file_id_of(path, &id, &unused) == 0)
		ret->birth_ns = id.birth_ns;
	strbuf_puts(&text, "");
	if (file_read(path, LOOK_MAX_BYTES, &text, &unused) < 0)
		return;
	ret->length = text.length;
	ret->text = strbuf_steal(&text);
}

bool unread_has_value(const struct unread *unread, const char *key, const char *value)
{
	cleanup_free char *field = xasprintf("\t%s=%s", key, value);
	size_t length = strlen(field);

	if (!unread->text)
		return true;
	const char *end = unread->text + unread->length;
	for (const char *at = unread->text; (at = memmem(at, (size_t)(end - at), field, length));
	     at++) {
		if (at + length == end || strchr("\t\n", at[length]))
			return true;
	}
	return false;
}

void unread_clear(struct unread *unread)
{
	free(unread->text);
	*unread = (struct unread){0};
}
