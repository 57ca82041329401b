/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image record: which image files of a guest berth knows on this host after the migration is
 * over. */
#ifndef BERTH_HOOKS_RECORDS_IMAGE_RECORD_H
#define BERTH_HOOKS_RECORDS_IMAGE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "hooks/records/site.h"
#include "storage/provision.h"

enum image_state {
	IMAGE_RESIDENT, /* the guest lives on it here, or has done so last */
	IMAGE_DEPARTED, /* the guest has left: the file is what it was then, and stale */
	IMAGE_ASIDE,    /* a departed image that was renamed when the guest came back */
	IMAGE_STATES
};

/**
 * struct known_image - one image file
 * @made: berth made it; otherwise it was here before
 * @mtime_ns, @size_bytes: of a stale file when the guest left; it counts as stale only while
 * unchanged
 * @since: when it came into this state
 * @copy: of a resident image: names this copy of the disk's content, as in the guest's manifest; a
 * new name at each start here; or NULL
 * @superseded: as in the manifest; or NULL
 * @doubtful: of a departed image: the guest has left, and storage was copied, but nobody said that
 * this disk was: it is not removed
 * @folder: the outermost of the folders that were made for it, or NULL: none
 */
struct known_image {
	char *path;
	char *folder;
	struct file_id id;
	enum image_state state;
	bool made;
	uint64_t mtime_ns;
	uint64_t size_bytes;
	time_t since;
	char *copy;
	char *superseded;
	bool doubtful;
};

struct image_record {
	char *uuid;
	char *name;
	struct known_image *images;
	size_t count;
};

#define cleanup_image_record cleanup(image_record_freep)

/**
 * image_record_load() - what is known of a guest's images here
 *
 * Return: 0 and *@ret, empty when there is no record; -EBADMSG when it can't be understood; or
 * another negative errno.
 */
int image_record_load(const struct site *site, const char *uuid, struct image_record **ret,
		      struct err *err);

/**
 * image_record_open() - image_record_load() under site_lock_record(), to change the record and save
 * it
 *
 * Return: the lock's descriptor, to be closed after image_record_save(); or a negative errno.
 */
int image_record_open(const struct site *site, const char *uuid, struct image_record **ret,
		      struct err *err);

/* image_record_save() - replaces the record on disk; an empty one is removed */
int image_record_save(const struct site *site, const struct image_record *record, struct err *err);

/* image_record_find() - the image of that path, or NULL; owned by the record. */
struct known_image *image_record_find(const struct image_record *record, const char *path);

/**
 * image_record_note() - note the file that is at @path now, in place of what was known of that path
 * @made: berth made it
 *
 * If it is the same file as before, its copies stay known.
 *
 * Return: 0; -ENOENT when there is no such file (what was known of it is dropped); or a negative
 * errno.
 */
int image_record_note(struct image_record *record, const char *path, enum image_state state,
		      bool made, struct err *err);
void image_record_drop(struct image_record *record, const char *path);

/* known_image_is_there() - whether the file at its path is still the same, whatever was written to
 * it. */
bool known_image_is_there(const struct known_image *image);

/* known_image_is_unchanged() - whether the file at its path is still the very same, by inode, time
 * and size. */
bool known_image_is_unchanged(const struct known_image *image);

/**
 * known_image_is() - whether a file is this image, under whatever name and whatever was written to
 * it since
 * @path: a name of the file
 * @id: of the file that it leads to
 *
 * Where the file system tells when a file was made, the device's number isn't compared: some have
 * another one after a reboot.
 */
bool known_image_is(const struct known_image *image, const char *path, const struct file_id *id);

/* known_image_is_gone() - whether its path surely holds it no more: another file stands there, or
 * none in its own file system, which is mounted. */
bool known_image_is_gone(const struct known_image *image);

/**
 * known_image_check_stale() - whether a stale image may be renamed, replaced or removed
 *
 * It may while it is just as the guest left it, and nobody uses it: somebody may have made it the
 * backing file of another guest meanwhile.
 *
 * Return: 0; -ESTALE when it has changed or is gone; -EBUSY when it is in use; or another negative
 * errno.
 */
int known_image_check_stale(const struct known_image *image, struct err *err);

const char *image_state_name(enum image_state state);
int image_record_list(const struct site *site, char ***ret, size_t *ret_count, struct err *err);
void image_record_freep(struct image_record **record);

#endif
