/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the configuration: which name, path or VLAN is what here. */
#include "config/config.h"

#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"

const char *mappings_apply(const struct mappings *mappings, const char *name)
{
	for (size_t i = 0; i < mappings->count; i++) {
		if (strcmp(mappings->items[i].from, name) == 0)
			return mappings->items[i].to;
	}
	return NULL;
}

char *mappings_apply_path(const struct mappings *mappings, const char *path)
{
	const struct mapping *best = NULL;

	for (size_t i = 0; i < mappings->count; i++) {
		const struct mapping *item = &mappings->items[i];
		if (path_under(path, item->from) &&
		    (!best || strlen(item->from) > strlen(best->from)))
			best = item;
	}
	return best ? xasprintf("%s%s", best->to, path + strlen(best->from)) : NULL;
}

const struct names *config_search_folders(const struct config *config)
{
	return config->base.count > 0 ? &config->base : &config->roots;
}

bool config_vlan_allowed(const struct config *config, uint16_t vlan)
{
	for (size_t i = 0; i < config->vlan_count; i++) {
		if (vlan >= config->vlans[i].first && vlan <= config->vlans[i].last)
			return true;
	}
	return false;
}
