/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that were compared when a migration began, as lines of its journal. */
#include "hooks/records/compared.h"

#include <errno.h>
#include <string.h>

void compared_add(struct compared_list *list, const char *disk, uint64_t level,
		  const struct file_version *version)
{
	list->items = xreallocarray(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct compared){
		.disk = xstrdup(disk),
		.level = level,
		.version = *version,
	};
}

const struct compared *compared_find(const struct compared_list *list, const char *disk,
				     uint64_t level)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].level == level && str_equal(list->items[i].disk, disk))
			return &list->items[i];
	}
	return NULL;
}

void compared_clear(struct compared_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].disk);
	free(list->items);
	*list = (struct compared_list){0};
}

void compared_put(struct strbuf *out, const struct compared_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct compared *item = &list->items[i];
		strbuf_puts(out, "compared");
		field_put(out, "disk", item->disk);
		field_put_u64(out, "level", item->level);
		field_put_u64(out, "device", item->version.id.device);
		field_put_u64(out, "inode", item->version.id.inode);
		field_put_u64(out, "birth-ns", item->version.id.birth_ns);
		field_put_u64(out, "size-bytes", item->version.size_bytes);
		field_put_u64(out, "mtime-ns", item->version.mtime_ns);
		strbuf_puts(out, "\n");
	}
}

int compared_get(const struct fields *line, struct compared_list *list)
{
	struct file_version version;
	uint64_t level;

	if (!field(line, "disk") || !field_u64(line, "level", &level) ||
	    !field_u64(line, "device", &version.id.device) ||
	    !field_u64(line, "inode", &version.id.inode) ||
	    !field_u64(line, "birth-ns", &version.id.birth_ns) ||
	    !field_u64(line, "size-bytes", &version.size_bytes) ||
	    !field_u64(line, "mtime-ns", &version.mtime_ns))
		return -EBADMSG;
	compared_add(list, field(line, "disk"), level, &version);
	return 0;
}
