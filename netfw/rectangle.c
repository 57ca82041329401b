/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rectangles without overlaps.
 *
 * Theory of operation: a line is swept over the numbers. Between two neighbouring ends of
 * rectangles the same ones are open; their address ranges are merged to ranges that neither overlap
 * nor touch. Where that list is the same as in the strip before, the strip is made longer instead.
 */
#include "netfw/rectangle.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/strbuf.h"

/* Comments are no longer; what more rules there are is said as "...". */
#define LABEL_MAX 120

void rectangles_add(struct rectangles *rectangles, const struct rectangle *rectangle)
{
	size_t count = rectangles->count;

	if ((count & (count - 1)) == 0)
		rectangles->items = xreallocarray(rectangles->items, count ? count * 2 : 1,
						  sizeof(*rectangles->items));
	rectangles->items[count] = *rectangle;
	rectangles->items[count].label = xstrdup(rectangle->label ? rectangle->label : "");
	rectangles->count++;
}

void rectangles_clear(struct rectangles *rectangles)
{
	for (size_t i = 0; i < rectangles->count; i++)
		free(rectangles->items[i].label);
	free(rectangles->items);
	*rectangles = (struct rectangles){0};
}

/* --- labels --- */

static bool label_has(const char *label, const char *item)
{
	size_t length = strlen(item);

	for (const char *at = label; (at = strstr(at, item)); at++) {
		bool begins = at == label || at[-1] == ' ';
		if (begins && (at[length] == '\0' || at[length] == ','))
			return true;
	}
	return false;
}

static bool label_is_full(const char *label)
{
	size_t length = strlen(label);

	return length >= 3 && memcmp(label + length - 3, "...", 3) == 0;
}

/* Whether there is room for more. */
static bool label_add(struct strbuf *label, const char *item)
{
	bool fits = label->length + strlen(item) + 2 <= LABEL_MAX;

	if (label->length > 0)
		strbuf_puts(label, ", ");
	strbuf_puts(label, fits ? item : "...");
	return fits;
}

/* Both are lists. */
static void label_merge(char **label, const char *more)
{
	if (label_is_full(*label))
		return;

	cleanup_strbuf struct strbuf merged = {0};
	cleanup_free char *items = xstrdup(more);
	char *rest = items, *item;
	strbuf_puts(&merged, *label);
	while ((item = strsep(&rest, ","))) {
		item += strspn(item, " ");
		if (!label_has(merged.text, item) && !label_add(&merged, item))
			break;
	}
	free(*label);
	*label = strbuf_steal(&merged);
}

/* --- ends --- */

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* Where something begins, or has just ended: sorted, each once. */
static size_t collect_ends(const struct rectangles *in, uint64_t **ret)
{
	uint64_t *ends = xcalloc(in->count * 2 + 1, sizeof(*ends));
	size_t unique = 0;

	for (size_t i = 0; i < in->count; i++) {
		ends[2 * i] = in->items[i].low;
		ends[2 * i + 1] = (uint64_t)in->items[i].high + 1;
	}
	qsort(ends, in->count * 2, sizeof(*ends), compare_numbers);
	for (size_t i = 0; i < in->count * 2; i++) {
		if (unique == 0 || ends[unique - 1] != ends[i])
			ends[unique++] = ends[i];
	}
	*ret = ends;
	return unique;
}

/* --- address ranges --- */

/* Of those with the same addresses the one that was added first. */
static bool is_before(const struct rectangle *one, const struct rectangle *other)
{
	int order = memcmp(one->first, other->first, 16);

	if (order == 0)
		order = memcmp(one->last, other->last, 16);
	return order ? order < 0 : one < other;
}

/* Whether @next begins at the latest right behind @last. */
static bool touches(const uint8_t *last, const uint8_t *next)
{
	uint8_t behind[16];
	int i = 15;

	memcpy(behind, last, 16);
	while (i >= 0 && ++behind[i] == 0)
		i--;
	return i < 0 || memcmp(next, behind, 16) <= 0;
}

/* Of the open rectangles, which are in order: their addresses as merged ranges. */
static void merge_open(const struct rectangle *const *open, size_t count, uint64_t low,
		       uint64_t high, struct rectangles *ret)
{
	for (size_t i = 0; i < count; i++) {
		struct rectangle *before = ret->count ? &ret->items[ret->count - 1] : NULL;
		if (before && touches(before->last, open[i]->first)) {
			if (memcmp(open[i]->last, before->last, 16) > 0)
				memcpy(before->last, open[i]->last, 16);
			label_merge(&before->label, open[i]->label);
			continue;
		}
		struct rectangle strip = *open[i];
		strip.low = (uint32_t)low;
		strip.high = (uint32_t)high;
		rectangles_add(ret, &strip);
	}
}

static bool same_addresses(const struct rectangle *a, const struct rectangle *b, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (memcmp(a[i].first, b[i].first, 16) != 0 ||
		    memcmp(a[i].last, b[i].last, 16) != 0)
			return false;
	}
	return true;
}

/* The strip that was added last begins at @begin in @ret. */
static void append_strip(struct rectangles *ret, size_t *begin, uint32_t grain,
			 const struct rectangles *strip)
{
	size_t count = ret->count - *begin;

	bool goes_on = count == strip->count && count > 0 &&
		       (uint64_t)ret->items[*begin].high + 1 == strip->items[0].low &&
		       !(grain && strip->items[0].low % grain == 0) &&
		       same_addresses(ret->items + *begin, strip->items, count);
	for (size_t i = 0; i < strip->count && goes_on; i++) {
		ret->items[*begin + i].high = strip->items[i].high;
		label_merge(&ret->items[*begin + i].label, strip->items[i].label);
	}
	if (goes_on || strip->count == 0)
		return;
	*begin = ret->count;
	for (size_t i = 0; i < strip->count; i++)
		rectangles_add(ret, &strip->items[i]);
}

static int compare_low(const void *a, const void *b)
{
	const struct rectangle *const *one = a, *const *other = b;

	return (*one)->low < (*other)->low ? -1 : (*one)->low > (*other)->low;
}

static void insert(const struct rectangle **open, size_t count, const struct rectangle *new)
{
	while (count > 0 && is_before(new, open[count - 1])) {
		open[count] = open[count - 1];
		count--;
	}
	open[count] = new;
}

/* Lets go of what has ended before @low and takes up what begins there; in order of addresses. */
static size_t update_open(const struct rectangle **open, size_t count,
			  const struct rectangle **sorted, size_t total, size_t *next, uint64_t low)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (open[i]->high >= low)
			open[kept++] = open[i];
	}
	while (*next < total && sorted[*next]->low <= low)
		insert(open, kept++, sorted[(*next)++]);
	return kept;
}

int rectangles_make_disjoint(const struct rectangles *rectangles, uint32_t grain, size_t limit,
			     struct rectangles *ret)
{
	size_t total = rectangles->count, open_count = 0, next = 0, begin = 0;
	cleanup_free uint64_t *ends = NULL;
	cleanup_free const struct rectangle **sorted = xcalloc(total + 1, sizeof(*sorted));
	cleanup_free const struct rectangle **open = xcalloc(total + 1, sizeof(*open));
	size_t end_count = collect_ends(rectangles, &ends);

	*ret = (struct rectangles){0};
	for (size_t i = 0; i < total; i++)
		sorted[i] = &rectangles->items[i];
	qsort(sorted, total, sizeof(*sorted), compare_low);
	for (size_t i = 0; i + 1 < end_count; i++) {
		cleanup_rectangles struct rectangles strip = {0};
		open_count = update_open(open, open_count, sorted, total, &next, ends[i]);
		merge_open(open, open_count, ends[i], ends[i + 1] - 1, &strip);
		append_strip(ret, &begin, grain, &strip);
		if (ret->count > limit) {
			rectangles_clear(ret);
			return -E2BIG;
		}
	}
	return 0;
}
