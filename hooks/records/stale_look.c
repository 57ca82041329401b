/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of images as text: see image_record.c for what is in them. */
#include "hooks/records/stale_look.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

#define RECORD_MAX_BYTES (1u << 20)

static bool speaks_of_stale(const struct site *site, const char *uuid)
{
	cleanup_free char *path = xasprintf("%s/images/%s", site->state, uuid);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	if (file_read(path, RECORD_MAX_BYTES, &text, &err) < 0)
		return true;
	if (!text.text || !str_starts(text.text, "berth-images\t1\n"))
		return true;
	return strstr(text.text, "\tstate=departed\t") || strstr(text.text, "\tstate=aside\t");
}

bool stale_look(const struct site *site)
{
	char **uuids = NULL;
	size_t count = 0;
	bool found = false;
	struct err err;

	if (site_list_uuids(site, "images", &uuids, &count, &err) < 0)
		return true;
	for (size_t i = 0; i < count && !found; i++)
		found = speaks_of_stale(site, uuids[i]);
	site_free_uuids(uuids, count);
	return found;
}
