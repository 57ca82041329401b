/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rectangles of a number and an address: what rules allow, without overlaps. */
#ifndef BERTH_NETFW_RECTANGLE_H
#define BERTH_NETFW_RECTANGLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/**
 * struct rectangle - all pairs of a number and an address in two ranges
 * @low, @high: of the number, inclusive
 * @first, @last: of the address, inclusive, network order; IPv4 in the last 4 bytes
 * @label: which rules it comes from, "web 1, db 3"; owned
 */
struct rectangle {
	uint32_t low;
	uint32_t high;
	uint8_t first[16];
	uint8_t last[16];
	char *label;
};

struct rectangles {
	struct rectangle *items;
	size_t count;
};

#define cleanup_rectangles cleanup(rectangles_clear)

void rectangles_add(struct rectangles *rectangles, const struct rectangle *rectangle);
void rectangles_clear(struct rectangles *rectangles);

/**
 * rectangles_make_disjoint() - the same area as rectangles that don't overlap
 * @grain: rectangles on both sides of a multiple of it are never joined; 0: no such limit
 * @limit: how many there may be
 *
 * The kernel's sets of concatenated ranges refuse elements that overlap, or drop them silently.
 * The result depends on the area and the labels alone, and is sorted.
 *
 * Return: 0; or -E2BIG, and @ret is empty.
 */
int rectangles_make_disjoint(const struct rectangles *rectangles, uint32_t grain, size_t limit,
			     struct rectangles *ret);

#endif
