/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base images: finding the local image that is the one which the manifest names. */
#ifndef BERTH_HOOKS_PLAN_BASE_IMAGE_H
#define BERTH_HOOKS_PLAN_BASE_IMAGE_H

#include "hooks/plan/survey.h"

/**
 * base_image_compare() - whether a local image, with all that it rests on, is the manifest's disk
 * @known: a read-only disk in the manifest
 * @versions: on success the file of each layer as it was when it was compared; room for one more
 * than @known has backing images
 *
 * Format, virtual size and content must be equal, layer by layer. The content is known by its
 * digest, which is computed when the image is new or has changed since, and kept.
 *
 * What lies outside of the folders that images may be read from is not opened, at any layer.
 *
 * Return: 0; -EPERM for such an image; -ESTALE with the difference; -ENODATA when the manifest
 * doesn't say; or another negative errno.
 */
int base_image_compare(const struct site *site, const struct config *config,
		       const struct domain *domain, const struct manifest_disk *known,
		       const char *path, struct file_version *versions, struct err *err);

/**
 * base_images_find() - find a disk's whole backing chain here
 * @known: the disk in the manifest
 * @facts: gets chain and chain_count
 *
 * Looked for at the mapped path, then by name in the folders of [images] base, then by content in
 * those folders. Below the first image the chain is the one that the images' own headers name.
 */
void base_images_find(const struct site *site, const struct config *config,
		      const struct domain *domain, const struct manifest_disk *known,
		      struct disk_facts *facts);

#endif
