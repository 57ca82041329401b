/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survey: looks up on this host all that the plan has to know. It judges nothing. */
#ifndef BERTH_HOOKS_SURVEY_H
#define BERTH_HOOKS_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "config/config.h"
#include "hooks/site.h"
#include "storage/provision.h"
#include "storage/volume.h"
#include "xml/domain.h"

/**
 * struct place_facts - about one place of the domain XML
 * @here: the name that it has on this host, by the mappings; owned
 * @present: a path: something is there; a bridge: there is such an interface;
 *           a listen address: this host has it. Always true for a network.
 * @folder_present: a path: its folder is there
 */
struct place_facts {
	char *here;
	bool present;
	bool folder_present;
};

/**
 * struct base_facts - the backing image of a disk, looked for here
 * @error: code 0 when the right one was found; else why not
 * @path, @format: of the image that was found; owned
 */
struct base_facts {
	struct err error;
	char *path;
	char *format;
};

/**
 * struct volume_facts - about a disk that lies on a target in the network
 * @source: who says so
 * @volume: what it is; owned
 * @error: code 0, or why what the manifest says of it can't be used
 * @check: code 0 when this host may and can attach it; else why not
 * @attached: it is here already
 * @found: code 0, or why what is in its place here is not it
 * @users: who uses it on this host, for people; NULL: nobody, or it isn't attached; owned
 */
struct volume_facts {
	enum { VOLUME_UNKNOWN, VOLUME_BY_NAME, VOLUME_BY_MANIFEST } source;
	struct volume volume;
	struct err error;
	struct err check;
	bool attached;
	struct err found;
	char *users;
};

/**
 * struct disk_facts - about one disk whose source is a file or a block device
 * @roots: code 0 when the path lies inside a root, also after resolving links; else why not
 * @shared: the file lies on storage that the hosts share, and is the guest's own as far as its
 * inode tells
 * @other_shared_file: it lies on such storage, but its inode is not the one that the manifest names
 * @departed: the file is this guest's own, unchanged since it left, and nobody uses it; then
 * @departed_id
 * @missing_folders: the folders on the way to the file that aren't there, outermost first; owned
 * @chain: as many as the manifest names backing images; [0] is what a new overlay gets as its
 * backing file
 * @content: a read-only image: code 0 when its content is the one that the manifest names
 * @filesystem: index into facts.filesystems, or -1
 * @volume: of a disk whose source is a block device
 */
struct disk_facts {
	struct err roots;
	bool shared;
	bool other_shared_file;
	bool departed;
	struct file_id departed_id;
	char **missing_folders;
	size_t missing_folder_count;
	struct base_facts *chain;
	size_t chain_count;
	struct err content;
	int filesystem;
	struct volume_facts volume;
};

/**
 * struct filesystem_facts - a file system that images will go to
 * @available_bytes: what is free for us now
 * @claimed_bytes: what other incoming migrations will still write
 */
struct filesystem_facts {
	uint64_t device;
	char *path;
	uint64_t available_bytes;
	uint64_t claimed_bytes;
};

/**
 * struct network_facts - about VLANs and connection tracking; looked up for guests with a policy
 * @uplink_present: there is an interface of the configured name
 * @uplink_bridge: the bridge that it is a port of, or NULL; owned
 * @vlan_aware: that bridge filters VLANs
 * @tracking: code 0 when this kernel tracks bridged connections; else why not
 */
struct network_facts {
	bool uplink_present;
	char *uplink_bridge;
	bool vlan_aware;
	struct err tracking;
};

/* @places and @disks have the domain's places and disks, index by index; @gate: libvirtd has the
 * gate, which lifts the write fence when the guest is here. */
struct facts {
	struct place_facts *places;
	size_t place_count;
	struct disk_facts *disks;
	size_t disk_count;
	struct filesystem_facts *filesystems;
	size_t filesystem_count;
	struct network_facts network;
	bool gate;
};

#define cleanup_facts cleanup(facts_freep)

/**
 * survey_make() - look everything up but free space
 *
 * May take long when a backing image has to be read for its digest, so it wants no lock.
 *
 * Return: 0 and *@ret; or a negative errno when the host can't be looked at.
 */
int survey_make(const struct site *site, const struct config *config, const struct domain *domain,
		struct facts **ret, struct err *err);

/* survey_space() - fill in free space and claims; under site_lock() until the claim is journalled.
 */
int survey_space(const struct site *site, const struct domain *domain, struct facts *facts,
		 struct err *err);

/* survey_volume() - fill in what is to be known of a block device's volume. Return: 0 or a negative
 * errno. */
int survey_volume(const struct site *site, const struct config *config, const struct domain *domain,
		  const struct domain_disk *disk, struct volume_facts *facts, struct err *err);
void volume_facts_clear(struct volume_facts *facts);

/* survey_uplink() - fill in all of @network but connection tracking. */
void survey_uplink(const struct site *site, const struct config *config,
		   struct network_facts *network);

/* survey_tracking() - fill in network.tracking, if a port of the guest has security groups. */
int survey_tracking(const struct site *site, const struct domain *domain,
		    struct network_facts *network, struct err *err);

/* survey_forget_tracking() - the kernel tracks no connections, although it had said it would. */
void survey_forget_tracking(const struct site *site);

void facts_freep(struct facts **facts);

#endif
