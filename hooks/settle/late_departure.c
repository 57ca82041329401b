/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that has left although its last event didn't say so.
 *
 * libvirt 9.0 ends the job "migration out" before `stopped end`, when the same guest's direct
 * migration was aborted before and one with --p2p has succeeded now: its status file says that the
 * processors were stopped for a migration, and no more. A QEMU that dies at that moment leaves the
 * same behind. Afterwards libvirt knows which it was. libvirt 11.3 says only that the domain is
 * shut down, and `release end` why.
 */
#include "hooks/settle/late_departure.h"

#include <errno.h>

#include "base/log.h"
#include "hooks/records/departure_mark.h"
#include "hooks/records/image_record.h"
#include "hooks/records/shared_storage.h"
#include "storage/in_use.h"

/* Whether it is a disk that the guest had when it ended: see hooks/plan/image_copies.h. */
static bool was_left(const struct config *config, const struct known_image *image)
{
	enum image_use use;
	bool shared = true;
	struct err err;

	return image->state == IMAGE_RESIDENT && image->copy && known_image_is_there(image) &&
	       on_shared_storage(config, image->path, &shared, &err) == 0 && !shared &&
	       image_use(image->path, &use, &err) == 0 && use == IMAGE_UNUSED;
}

int late_departure_note(const struct site *site, const struct config *config, const char *uuid,
			struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	int noted = 0, rc = 0;

	if (departure_is_untold(site, uuid))
		return 0;
	cleanup_close int lock = image_record_open(site, uuid, &record, err);
	if (lock < 0)
		return lock;
	for (size_t i = 0; i < record->count && rc >= 0; i++) {
		struct known_image *image = &record->images[i];
		if (!was_left(config, image))
			continue;
		rc = image_record_note(record, image->path, IMAGE_DEPARTED, image->made, err);
		if (rc < 0)
			return rc;
		image->doubtful = true;
		log_note("%s: the guest has left, says libvirt; its image '%s' is stale",
			 record->name ? record->name : uuid, image->path);
		noted++;
	}
	rc = noted ? image_record_save(site, record, err) : 0;
	return rc < 0 ? rc : noted;
}
