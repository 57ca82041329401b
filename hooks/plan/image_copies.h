/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies: which file was a guest's disk before a migration copied it elsewhere.
 *
 * Each copy of a disk's content has a random name while a guest lives on it. Record and manifest
 * have that name; and the manifest, which travels, has the names of those copies that migrations
 * have made this one from. So a guest that comes back proves which file here it has left behind,
 * also where nobody could note that when it left.
 *
 * A start makes another copy of it: what is written from then on is in no other copy. So where the
 * file was started again after the guest had left, nothing proves that it is stale.
 */
#ifndef BERTH_HOOKS_PLAN_IMAGE_COPIES_H
#define BERTH_HOOKS_PLAN_IMAGE_COPIES_H

#include "config/config.h"
#include "hooks/records/image_record.h"
#include "xml/domain.h"

/**
 * image_copies_note() - name the copies that a running guest lives on here
 * @domain: with the manifest that it has
 * @manifest: the one that it is to get: its host and its disks' paths are set, and their copies are
 * filled in
 *
 * They are in the image record before they are in any manifest. A record that can't be written is
 * only logged: then the names prove nothing.
 *
 * Return: 0 or a negative errno.
 */
int image_copies_note(const struct site *site, const struct config *config,
		      const struct domain *domain, struct manifest *manifest, struct err *err);

/* image_copies_forget() - a guest starts here: what its images were copies of is over. Return: 0 or
 * a negative errno. */
int image_copies_forget(const struct site *site, const char *uuid, struct err *err);

/* image_copies_sweep() - forget resident images whose files are gone, of all guests: nothing else
 * tells that a guest was deleted. Return: 0 or a negative errno. */
int image_copies_sweep(const struct site *site, struct err *err);

/* image_copy_is_superseded() - whether the guest that comes with that disk in its manifest has left
 * this very file behind, and nobody uses it. */
bool image_copy_is_superseded(const struct known_image *image, const struct manifest_disk *disk);

#endif
