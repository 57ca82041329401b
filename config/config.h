/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth's configuration: /etc/berth/berth.conf, then /etc/berth/berth.conf.d/ *.conf. Hides
 * libinih. */
#ifndef BERTH_CONFIG_CONFIG_H
#define BERTH_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* One "name on the source = name here". */
struct mapping {
	char *from;
	char *to;
};

struct mappings {
	struct mapping *items;
	size_t count;
};

struct names {
	char **items;
	size_t count;
};

/* What becomes of the disk images of a guest that has left. */
enum departed_images {
	DEPARTED_KEEP,   /* nothing is removed */
	DEPARTED_REMOVE, /* those that berth made are removed */
};

/* VLANs, both ends included; 1 to 4094. */
struct vlan_range {
	uint16_t first;
	uint16_t last;
};

/* How a guest's port comes into its VLAN. */
enum network_mode {
	NETWORK_AWARE,    /* its bridge filters VLANs; the uplink is a port of it, and a trunk */
	NETWORK_PER_VLAN, /* each VLAN has a device on the uplink and a bridge, made at need */
};

/**
 * struct config - the configuration of this host
 * @uri: how other hosts reach this libvirt; never NULL after config_load()
 * @paths: [paths], absolute path prefixes
 * @bridges: [bridges]
 * @networks: [networks]
 * @roots: folders below which images may be made; never empty
 * @base: folders where backing images are looked for; may be empty: then @roots
 * @shared: folders on storage that all hosts share, besides the file systems that are known to be
 * @departed: [images] departed
 * @listen: [graphics] listen: used for a graphics listen address that this host doesn't have
 * @disk_reserve_mib: MiB that stay free below a root
 * @disk_over_commit: admit an image by its allocated size instead of its virtual size
 * @uplink: [network] uplink: an interface that carries the VLANs, or NULL: there is none
 * @vlans: those that a guest may ask for; none: it may ask for none
 * @mode: [network] mode
 * @approximate: [firewall] stateless: go on without connection tracking where the kernel has none
 * @closed: interface names, a '*' may stand at the end: such ports pass nothing without rules
 */
struct config {
	char *uri;
	struct mappings paths;
	struct mappings bridges;
	struct mappings networks;
	struct names roots;
	struct names base;
	struct names shared;
	enum departed_images departed;
	struct names listen;
	uint64_t disk_reserve_mib;
	bool disk_over_commit;
	char *uplink;
	struct vlan_range *vlans;
	size_t vlan_count;
	enum network_mode mode;
	bool approximate;
	struct names closed;
};

#define cleanup_config cleanup(config_freep)

/**
 * config_load() - read the configuration
 * @folder: the folder that holds berth.conf and berth.conf.d; "/etc/berth" on a real host
 * @ret: on success the configuration, to be freed with config_free()
 * @err: on failure: file, line, and what is wrong
 *
 * A missing file means defaults. A list in a later file replaces that of an earlier one; a mapping
 * is replaced key by key.
 *
 * Return: 0; -EINVAL for a wrong value, key or section; or the errno of reading.
 */
int config_load(const char *folder, struct config **ret, struct err *err);
void config_free(struct config *config);
void config_freep(struct config **config);

/**
 * mappings_apply() - the name that an exactly equal name on the source has here
 *
 * Return: the name, owned by the configuration, or NULL when no mapping applies.
 */
const char *mappings_apply(const struct mappings *mappings, const char *name);

/**
 * mappings_apply_path() - the path that a path on the source has here
 *
 * The longest prefix wins, only at a '/' boundary.
 *
 * Return: the new path, which the caller frees, or NULL when no mapping applies.
 */
char *mappings_apply_path(const struct mappings *mappings, const char *path);

/* config_vlan_allowed() - whether a guest may ask for this VLAN. */
bool config_vlan_allowed(const struct config *config, uint16_t vlan);

/* config_search_folders() - where backing images are looked for: @base, or @roots where it is
 * empty. */
const struct names *config_search_folders(const struct config *config);

#endif
