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

/* "http://x" has no path of the host in it. */
static bool begins_path(const char *argument, const char *at)
{
	if (*at != '/')
		return false;
	return at == argument || at[-1] == '=' || at[-1] == '"' || (at[-1] == ':' && at[1] != '/');
}

/* ",," is a comma for QEMU. */
static size_t path_length(const char *path)
{
	size_t length = 0;

	while (path[length] && path[length] != '"' &&
	       (path[length] != ',' || path[length + 1] == ','))
		length += path[length] == ',' ? 2 : 1;
	return length;
}

char *mappings_apply_argument(const struct mappings *mappings, const char *argument)
{
	cleanup_strbuf struct strbuf here = {0};
	bool applies = false;

	for (const char *at = argument; *at;) {
		if (!begins_path(argument, at)) {
			strbuf_add(&here, at++, 1);
			continue;
		}
		size_t length = path_length(at);
		cleanup_free char *path = xstrndup(at, length);
		cleanup_free char *plain = path_plain(path);
		cleanup_free char *mapped = mappings_apply_path(mappings, plain);
		strbuf_puts(&here, mapped ? mapped : path);
		applies |= mapped != NULL;
		at += length;
	}
	return applies ? strbuf_steal(&here) : NULL;
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
