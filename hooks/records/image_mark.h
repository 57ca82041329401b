/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks: that an image is stale, noted on the image itself.
 *
 * Where berth's state can't be written when a guest leaves (its file system is full, or read-only)
 * the fact goes into an extended attribute of the image, which root alone can see and set. It holds
 * while the file has the same size and mtime. As soon as the state can be written, the fact moves
 * into the image record.
 */
#ifndef BERTH_HOOKS_RECORDS_IMAGE_MARK_H
#define BERTH_HOOKS_RECORDS_IMAGE_MARK_H

#include "hooks/records/image_record.h"
#include "xml/domain.h"

#define IMAGE_MARK "trusted.berth.departed"

/**
 * image_mark_set() - mark a file as stale from now on
 * @made: berth made it
 *
 * Return: 0; or a negative errno, -ENOTSUP where the file system has no such attributes.
 */
int image_mark_set(const char *path, const char *uuid, bool made, struct err *err);

/* image_mark_remove() - it is not stale after all; nothing where there is no mark. */
void image_mark_remove(const char *path);

/**
 * image_mark_adopt() - have a record know what the mark of that file says
 *
 * A mark of another guest, or one that the file has been written since, says nothing.
 *
 * Return: whether the record has changed.
 */
bool image_mark_adopt(struct image_record *record, const char *path);

/**
 * image_marks_settle() - a domain starts here: what its images' marks say goes into the record
 *
 * Return: 0; or a negative errno: there is a mark, and it can't be noted. Then the image is stale,
 * and the domain must not start.
 */
int image_marks_settle(const struct site *site, const struct domain *domain, struct err *err);

#endif
