/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files were compared with the source's images when a migration began: one line each in the
 * journal. */
#ifndef BERTH_HOOKS_RECORDS_COMPARED_H
#define BERTH_HOOKS_RECORDS_COMPARED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "hooks/records/fields.h"
#include "storage/file_id.h"

/**
 * struct compared - one layer of a disk, which the guest only reads
 * @disk: the disk's target name; owned by whoever has the list
 * @level: 0: the image that the domain XML names; 1: what that rests on; ...
 * @version: its file, as it was when its content was found to be the source's
 */
struct compared {
	char *disk;
	uint64_t level;
	struct file_version version;
};

struct compared_list {
	struct compared *items;
	size_t count;
};

void compared_add(struct compared_list *list, const char *disk, uint64_t level,
		  const struct file_version *version);
/* compared_find() - the layer, or NULL: it was not compared, or an older berth wrote no line. */
const struct compared *compared_find(const struct compared_list *list, const char *disk,
				     uint64_t level);
void compared_clear(struct compared_list *list);

/* compared_put() - append the lines. */
void compared_put(struct strbuf *out, const struct compared_list *list);
/* compared_get() - read one. Return: 0 or -EBADMSG. */
int compared_get(const struct fields *line, struct compared_list *list);

#endif
