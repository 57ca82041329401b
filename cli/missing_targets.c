/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The right sides of mappings, and the uplink: interfaces from sysfs, networks from libvirt. */
#include "cli/missing_targets.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "config/value.h"
#include "hooks/records/site.h"
#include "libvirt/guest.h"

/* Takes the line. */
static void add(struct names *lines, char *line)
{
	names_add(lines, line);
	free(line);
}

static bool has_interface(const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", this_site.net_class, name);

	return file_exists(path);
}

static void missing_bridges(const struct config *config, struct names *ret)
{
	for (size_t i = 0; i < config->bridges.count; i++) {
		const struct mapping *mapping = &config->bridges.items[i];
		if (!has_interface(mapping->to))
			add(ret, xasprintf("bridge '%s' = '%s': there is no '%s' here; make it, or "
					   "name another in [bridges]",
					   mapping->from, mapping->to, mapping->to));
	}
	if (config->uplink && !has_interface(config->uplink))
		add(ret, xasprintf("uplink '%s': there is no such interface here; name another in "
				   "[network]",
				   config->uplink));
}

static void missing_networks(const struct config *config, struct names *ret)
{
	cleanup_libvirt struct libvirt *libvirt = NULL;
	struct err err;

	if (config->networks.count && libvirt_open(&libvirt, &err) < 0)
		add(ret, xasprintf("networks: %s", err.text));
	for (size_t i = 0; libvirt && i < config->networks.count; i++) {
		const struct mapping *mapping = &config->networks.items[i];
		int rc = network_find(libvirt, mapping->to, &err);
		if (rc > 0)
			continue;
		if (rc == 0)
			add(ret, xasprintf("network '%s' = '%s': it is not active here; 'virsh "
					   "net-start %s', and 'virsh net-autostart %s'",
					   mapping->from, mapping->to, mapping->to, mapping->to));
		else if (rc == -ENOENT)
			add(ret, xasprintf("network '%s' = '%s': libvirt has no '%s' here; 'virsh "
					   "net-define' it, or name another in [networks]",
					   mapping->from, mapping->to, mapping->to));
		else
			add(ret, xasprintf("network '%s' = '%s': %s", mapping->from, mapping->to,
					   err.text));
	}
}

static bool lies_below_a_root(const struct config *config, const char *path)
{
	return path_under_any(path, (const char *const *)config->roots.items, config->roots.count);
}

static void missing_paths(const struct config *config, struct names *ret)
{
	for (size_t i = 0; i < config->paths.count; i++) {
		const struct mapping *mapping = &config->paths.items[i];
		struct stat st;
		if (lies_below_a_root(config, mapping->to) || stat(mapping->to, &st) == 0)
			continue;
		add(ret, xasprintf("path '%s' = '%s': %s; make it, or name another in [paths]",
				   mapping->from, mapping->to, strerror(errno)));
	}
	for (size_t i = 0; i < config->base.count; i++) {
		struct stat st;
		if (stat(config->base.items[i], &st) < 0)
			add(ret, xasprintf("base '%s': %s; make it, or name others in [images]",
					   config->base.items[i], strerror(errno)));
	}
	for (size_t i = 0; i < config->shared.count; i++) {
		struct stat st;
		if (stat(config->shared.items[i], &st) < 0)
			add(ret, xasprintf("shared '%s': %s; mount it, or name others in [images]",
					   config->shared.items[i], strerror(errno)));
	}
}

void missing_targets(const struct config *config, struct names *ret)
{
	missing_bridges(config, ret);
	missing_networks(config, ret);
	missing_paths(config, ret);
}
