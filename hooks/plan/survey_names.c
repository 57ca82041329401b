/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survey's part about files that a guest uses here: which they are, whatever they are called.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/plan/survey.h"

/* The part of @path that is there, links followed: its length. From the front, for whoever has made
 * the path up may have given it thousands of parts. */
static size_t present_length(char *path)
{
	size_t present = 0;

	for (size_t end = 1; path[present]; present = end, end++) {
		end += strcspn(path + end, "/");
		char after = path[end];
		path[end] = '\0';
		bool there = access(path, F_OK) == 0;
		path[end] = after;
		if (!there)
			break;
	}
	return present;
}

/* With all links resolved; what isn't there keeps its name below the folder that is. */
static char *real_name(const char *path)
{
	cleanup_free char *above = xstrdup(path);
	char real[PATH_MAX];

	if (path[0] != '/')
		return xstrdup(path);
	size_t present = present_length(above);
	above[present] = '\0';
	if (!realpath(present ? above : "/", real))
		return xstrdup(path);
	const char *rest = path + present;
	return xasprintf("%s%s", strcmp(real, "/") == 0 && *rest ? "" : real, rest);
}

/* A device node is known by the device's number. */
static void find_identity(struct name_facts *name)
{
	struct stat st;

	if (stat(name->here, &st) < 0)
		return;
	name->present = true;
	name->device = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	name->inode = S_ISBLK(st.st_mode) ? 0 : st.st_ino;
}

static struct name_facts *add(struct facts *facts, const char *label, const char *source,
			      const char *here)
{
	facts->names = xreallocarray(facts->names, facts->name_count + 1, sizeof(*facts->names));
	struct name_facts *name = &facts->names[facts->name_count++];
	*name = (struct name_facts){
		.label = xstrdup(label),
		.source = xstrdup(source),
		.here = xstrdup(here),
		.real = real_name(here),
	};
	find_identity(name);
	return name;
}

static struct name_facts *add_place(struct facts *facts, const struct domain *domain, int place)
{
	return add(facts, domain->places[place].label, domain->places[place].value,
		   facts->places[place].here);
}

/* The backing images that were found here, or those that the XML names. */
static void add_backing(struct facts *facts, const struct domain *domain, size_t index)
{
	const struct domain_disk *disk = &domain->disks[index];
	const struct disk_facts *here = &facts->disks[index];

	for (size_t i = 0; i < here->chain_count; i++) {
		cleanup_free char *label = xasprintf("disk '%s' backing %zu", disk->target, i + 1);
		if (here->chain[i].path)
			add(facts, label, "", here->chain[i].path)->is_disk = true;
	}
	for (size_t i = here->chain_count; i < disk->backing_count; i++) {
		if (disk->backing[i].place >= 0)
			add_place(facts, domain, disk->backing[i].place)->is_disk = true;
	}
}

static void add_disk(struct facts *facts, const struct domain *domain, size_t index)
{
	const struct domain_disk *disk = &domain->disks[index];

	if (disk->place >= 0 && (disk->type == DISK_FILE || disk->type == DISK_BLOCK)) {
		struct name_facts *name = add_place(facts, domain, disk->place);
		name->is_disk = true;
		name->is_written = !disk->readonly;
		name->shareable = disk->shareable;
	}
	add_backing(facts, domain, index);
}

static bool is_written_by_others(const struct place *place)
{
	return place->kind == PLACE_PATH && place->need == NEED_FOLDER;
}

void survey_names(const struct domain *domain, struct facts *facts)
{
	cleanup_free bool *of_disk = xcalloc(domain->place_count + 1, sizeof(*of_disk));

	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		add_disk(facts, domain, i);
		if (disk->place >= 0)
			of_disk[disk->place] = true;
		for (size_t j = 0; j < disk->backing_count; j++)
			if (disk->backing[j].place >= 0)
				of_disk[disk->backing[j].place] = true;
	}
	for (size_t i = 0; i < domain->place_count; i++) {
		if (!of_disk[i] && is_written_by_others(&domain->places[i]))
			add_place(facts, domain, (int)i)->is_written = true;
	}
}

void name_facts_clear(struct name_facts *name)
{
	free(name->label);
	free(name->source);
	free(name->here);
	free(name->real);
}
