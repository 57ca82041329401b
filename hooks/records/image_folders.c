/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of folders, put together from those of the configuration. */
#include "hooks/records/image_folders.h"

#include "base/strbuf.h"

static struct folders join(const struct names *const *lists, size_t list_count)
{
	struct folders all = {0};
	size_t count = 0;

	for (size_t i = 0; i < list_count; i++)
		count += lists[i]->count;
	const char **items = xcalloc(count + 1, sizeof(*items));
	for (size_t i = 0; i < list_count; i++) {
		for (size_t j = 0; j < lists[i]->count; j++)
			items[all.count++] = lists[i]->items[j];
	}
	all.items = items;
	return all;
}

struct folders image_folders(const struct config *config)
{
	const struct names *const lists[] = {&config->roots, &config->shared};

	return join(lists, ARRAY_SIZE(lists));
}

struct folders image_folders_to_read(const struct config *config)
{
	const struct names *const lists[] = {&config->roots, &config->shared, &config->base};

	return join(lists, ARRAY_SIZE(lists));
}
