/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survey: looks up on this host all that the plan has to know. It judges nothing. */
#ifndef BERTH_HOOKS_PLAN_SURVEY_H
#define BERTH_HOOKS_PLAN_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "config/config.h"
#include "hooks/journal/journal.h"
#include "hooks/ports/host_network.h"
#include "hooks/records/site.h"
#include "storage/growth.h"
#include "storage/provision.h"
#include "storage/volume.h"
#include "xml/domain.h"

/* How many folders of a guest may be missing here; looking for more ends there. */
#define SURVEY_MAX_FOLDERS 256
/* What their names may take for all disks together; a folder of several counts for each. */
#define SURVEY_MAX_FOLDER_BYTES ((size_t)4 << 20)

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
 * @version: of its file, when its content was compared
 */
struct base_facts {
	struct err error;
	char *path;
	char *format;
	struct file_version version;
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
 * @departed: the file is this guest's own, unchanged since it left, or superseded by the copy that
 * comes (hooks/plan/image_copies.h), and nobody uses it; then @departed_id
 * @missing_folders: the folders on the way to the file that aren't there, outermost first, the
 * first SURVEY_MAX_FOLDERS and one; owned
 * @chain: as many as the manifest names backing images; [0] is what a new overlay gets as its
 * backing file
 * @content: a read-only image: code 0 when its content is the one that the manifest names
 * @compared: of a read-only image whose content was compared, its own file and those below it
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
	struct file_version *compared;
	size_t compared_count;
	int filesystem;
	struct volume_facts volume;
};

/**
 * struct name_facts - a file that the guest will use here under some name: a disk, a backing image,
 * or what QEMU or libvirt writes (logs, NVRAM)
 * @label: of its place; owned
 * @source, @here: its name there and here; owned
 * @real: @here with all links resolved; owned
 * @present: it is there; then @device and @inode, or of a block device its number and 0
 * @is_disk: a disk's image, or one below it
 */
struct name_facts {
	char *label;
	char *source;
	char *here;
	char *real;
	bool present;
	uint64_t device;
	uint64_t inode;
	bool is_disk;
	bool is_written;
	bool shareable;
};

/**
 * struct filesystem_facts - a file system that images will go to
 * @gets_images: an image may have to be made there
 * @available_bytes: what is free for us now
 * @claimed_bytes: what other incoming migrations will still write
 * @growth_bytes: what the images that are here may still grow to, where that counts
 */
struct filesystem_facts {
	uint64_t device;
	char *path;
	bool gets_images;
	uint64_t available_bytes;
	uint64_t claimed_bytes;
	uint64_t growth_bytes;
};

/* @folder_bytes: of the names of all missing folders; @claimants: the tokens of the migrations
 * whose claims are counted; owned; @places and @disks have the domain's places and disks, index by
 * index; @gate: libvirtd has the gate, which lifts the write fence when the guest is here. */
struct facts {
	struct place_facts *places;
	size_t place_count;
	struct disk_facts *disks;
	size_t disk_count;
	size_t folder_bytes;
	struct filesystem_facts *filesystems;
	size_t filesystem_count;
	char **claimants;
	size_t claimant_count;
	struct growth growth;
	struct host_network network;
	struct name_facts *names;
	size_t name_count;
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

/**
 * survey_space() - fill in free space, and what other migrations claim of it
 *
 * Looks at the guest's file systems, so it wants no lock. Each number errs to the same side: what
 * is written meanwhile counts twice.
 *
 * Return: 0 or a negative errno.
 */
int survey_space(const struct site *site, const struct config *config, const struct domain *domain,
		 struct facts *facts, struct err *err);

/**
 * survey_new_claims() - add what migrations claim that have begun since survey_space()
 *
 * Under site_lock() until the guest's own claim is in its journal. Reads journals and looks at
 * nothing else.
 *
 * Return: 0 or a negative errno.
 */
int survey_new_claims(const struct site *site, const struct domain *domain, struct facts *facts,
		      struct err *err);

/* survey_growth.c: looks at what is below the roots on the guest's file systems; -E2BIG: too much
 * to count. Then an image of a migration under way is left out; and the sums. */
int survey_growth(const struct site *site, const struct config *config, struct facts *facts,
		  struct err *err);
/* survey_raw.c: which of the files that look like a qcow2 are some guest's raw disks. */
void survey_take_for_raw(const struct site *site, struct growth *growth);
void survey_leave_out_claimed(const struct step_record *record, struct facts *facts);
void survey_sum_growth(struct facts *facts);

/* survey_volume() - fill in what is to be known of a block device's volume. Return: 0 or a negative
 * errno. */
int survey_volume(const struct site *site, const struct config *config, const struct domain *domain,
		  const struct domain_disk *disk, struct volume_facts *facts, struct err *err);
void volume_facts_clear(struct volume_facts *facts);

/* survey_names() - fill in @names; when @places and @disks are known. */
void survey_names(const struct domain *domain, struct facts *facts);
void name_facts_clear(struct name_facts *name);

void facts_freep(struct facts **facts);

#endif
