/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan's check that what are several files on the source are not one file here.
 *
 * Two mappings may lead to one folder, and a link or a second name of a file may do the same. Two
 * disks would then write one image, or a disk or a log the image that another disk is based on.
 */
#include "hooks/plan/plan_parts.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"

static int by_name(const void *left, const void *right)
{
	const struct name_facts *a = *(const struct name_facts *const *)left;
	const struct name_facts *b = *(const struct name_facts *const *)right;

	return strcmp(a->real, b->real);
}

static int by_identity(const void *left, const void *right)
{
	const struct name_facts *a = *(const struct name_facts *const *)left;
	const struct name_facts *b = *(const struct name_facts *const *)right;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return (a->inode > b->inode) - (a->inode < b->inode);
}

/* What is one file on the source as well is the guest's business, and QEMU's. */
static bool clash(const struct name_facts *a, const struct name_facts *b)
{
	if ((!a->is_disk && !b->is_disk) || (!a->is_written && !b->is_written))
		return false;
	return !(a->shareable && b->shareable) && strcmp(a->source, b->source) != 0;
}

static int refuse(const struct name_facts *a, const struct name_facts *b, struct err *err)
{
	/* In the order that the guest has them, whatever the sort made of it. */
	const struct name_facts *first = a < b ? a : b, *second = a < b ? b : a;

	if (strcmp(a->here, b->here) == 0)
		return err_set(err, EEXIST,
			       "%s and %s would both be '%s' on this host; map their folders to "
			       "different ones in [paths] of berth.conf",
			       first->label, second->label, first->here);
	return err_set(err, EEXIST,
		       "%s and %s would be one file on this host: '%s' and '%s' both lead to "
		       "'%s'; remove the link, or map their folders to different ones in [paths] "
		       "of berth.conf",
		       first->label, second->label, first->here, second->here, first->real);
}

/* Of a run of names of one file: a pair of which one is written. */
static int check_run(const struct name_facts *const *run, size_t count, struct err *err)
{
	const struct name_facts *writer = NULL;

	for (size_t i = 0; i < count && !writer; i++)
		writer = run[i]->is_written && run[i]->is_disk ? run[i] : NULL;
	for (size_t i = 0; i < count && !writer; i++)
		writer = run[i]->is_written ? run[i] : NULL;
	for (size_t i = 0; i < count && writer; i++) {
		if (run[i] != writer && clash(writer, run[i]))
			return refuse(writer, run[i], err);
	}
	return 0;
}

static int check_sorted(const struct name_facts **names, size_t count,
			int (*compare)(const void *, const void *), struct err *err)
{
	int rc = 0;

	qsort(names, count, sizeof(*names), compare);
	for (size_t begin = 0, end; begin < count && rc == 0; begin = end) {
		for (end = begin + 1; end < count && compare(&names[begin], &names[end]) == 0;)
			end++;
		rc = check_run(names + begin, end - begin, err);
	}
	return rc;
}

int plan_names(const struct situation *situation, struct err *err)
{
	const struct facts *facts = situation->facts;
	const struct name_facts **names = xcalloc(facts->name_count + 1, sizeof(*names));
	size_t present = 0;

	for (size_t i = 0; i < facts->name_count; i++)
		names[i] = &facts->names[i];
	int rc = check_sorted(names, facts->name_count, by_name, err);
	for (size_t i = 0; i < facts->name_count; i++) {
		if (facts->names[i].present)
			names[present++] = &facts->names[i];
	}
	if (rc == 0)
		rc = check_sorted(names, present, by_identity, err);
	free(names);
	return rc;
}
