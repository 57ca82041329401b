/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth's configuration: /etc/berth/berth.conf, then /etc/berth/berth.conf.d/ *.conf. Hides
 * libinih. */
#ifndef BERTH_CONFIG_CONFIG_H
#define BERTH_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
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

/* Which volumes are taken away from a host when their guest has gone. */
enum volume_release {
	RELEASE_OURS,   /* what berth itself has attached */
	RELEASE_ALWAYS, /* all that nobody uses any more */
	RELEASE_NEVER,
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
 * @portals: [volumes] iscsi: where portals may be; IPv4-mapped IPv6 prefixes stand as IPv4 ones
 * @targets: [volumes] iscsi: which targets may be used, lower-case: a '*' at the end stands for the
 * rest. A portal and a target are needed both, so by default none is allowed
 * @aoe_interfaces: [volumes] aoe; none: AoE is refused
 * @release: [volumes] release
 * @volume_timeout_s: [volumes] timeout: how long all volumes of one event may take; 1 to 600, 30 by
 * default
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
	struct prefix *portals;
	size_t portal_count;
	struct names targets;
	struct names aoe_interfaces;
	enum volume_release release;
	unsigned volume_timeout_s;
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

/**
 * mappings_apply_argument() - an argument of QEMU's with the paths in it as they are here
 *
 * A path begins with a '/' at the argument's beginning, behind '=', ':' or '"', and ends before
 * ',' or '"': "name=opt/x,file=/a/b", "unix:/a/b,server=on", '{"filename": "/a/b"}'.
 *
 * Return: the new argument, which the caller frees, or NULL when no mapping applies.
 */
char *mappings_apply_argument(const struct mappings *mappings, const char *argument);

/* config_vlan_allowed() - whether a guest may ask for this VLAN. */
bool config_vlan_allowed(const struct config *config, uint16_t vlan);

/**
 * config_portal_allowed() - whether iSCSI may talk to this portal
 * @portal: "10.0.0.1:3260" or "[fd00::1]:3260"; an IPv4-mapped IPv6 address counts as IPv4
 *
 * What isn't exactly of that form, a host name for instance, is never allowed: what a name leads to
 * may change between this check and the login.
 */
bool config_portal_allowed(const struct config *config, const char *portal);

/**
 * config_target_allowed() - whether this target may be used
 * @iqn: as the target itself writes its name
 *
 * The case of ASCII letters makes no difference: RFC 7143, 4.2.7 and RFC 3722 have names compared
 * in lower-case. berth changes no name, though: Synology's have upper-case letters, and tgt finds a
 * target only by the very bytes (usr/iscsi/target.c, target_find_by_name()).
 */
bool config_target_allowed(const struct config *config, const char *iqn);

/* config_search_folders() - where backing images are looked for: @base, or @roots where it is
 * empty. */
const struct names *config_search_folders(const struct config *config);

#endif
