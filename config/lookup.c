/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the configuration: which name or path is what here, what a guest may use. */
#include "config/config.h"

#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "config/value.h"

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

bool config_portal_allowed(const struct config *config, const char *portal)
{
	struct prefix address;
	uint16_t port;

	if (!portal_parse(portal, &address, &port))
		return false;
	address = prefix_unmapped(&address);
	for (size_t i = 0; i < config->portal_count; i++) {
		if (prefix_holds(&config->portals[i], &address))
			return true;
	}
	return false;
}

static bool pattern_fits(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);

	if (length > 0 && pattern[length - 1] == '*')
		return strncmp(pattern, name, length - 1) == 0;
	return str_equal(pattern, name);
}

bool config_target_allowed(const struct config *config, const char *iqn)
{
	cleanup_free char *name = value_lower_case(iqn);

	for (size_t i = 0; i < config->targets.count; i++) {
		if (pattern_fits(config->targets.items[i], name))
			return true;
	}
	return false;
}
