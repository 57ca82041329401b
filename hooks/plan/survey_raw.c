/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw disks that look like something else.
 *
 * What a raw disk begins with its guest has written. A header of a qcow2 there, of any size and on
 * any file, would make all of the host's storage look taken, or another guest's image look like one
 * that is not written to. So where a domain of this host has the file as a raw disk, its header
 * counts for nothing. Only names are compared: nobody looks at another guest's paths.
 */
#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/plan/survey.h"
#include "xml/status.h"

#define CLOSING "</domain>"

/* The files with such a header, in order of their paths. */
struct headed {
	struct growing_file **files;
	size_t count;
};

static int compare(const void *a, const void *b)
{
	const struct growing_file *const *one = a, *const *two = b;

	return strcmp((*one)->path, (*two)->path);
}

static struct headed find_headed(struct growth *growth)
{
	struct headed headed = {.files = xcalloc(growth->count + 1, sizeof(*headed.files))};

	for (size_t i = 0; i < growth->count; i++) {
		if (growth->files[i].path)
			headed.files[headed.count++] = &growth->files[i];
	}
	qsort(headed.files, headed.count, sizeof(*headed.files), compare);
	return headed;
}

static void take_for_raw(const struct headed *headed, const char *path, const char *format)
{
	struct growing_file wanted = {.path = (char *)path}, *key = &wanted;

	if (!path || (format && strcmp(format, "raw") != 0))
		return;
	struct growing_file **found =
		bsearch(&key, headed->files, headed->count, sizeof(*headed->files), compare);
	if (found)
		growth_take_for_raw(*found);
}

/* A definition, or libvirt's status with the domain in it. */
static void read_domain(const struct headed *headed, const struct strbuf *text)
{
	cleanup_domain struct domain *domain = NULL;
	struct err unused;

	const char *begin = strstr(text->text, "<domain ");
	if (!begin || !strstr(begin, CLOSING))
		return;
	size_t length = strlen(begin);
	while (length > 0 && !str_starts(begin + length, CLOSING))
		length--;
	if (domain_parse_without_manifest(begin, length + strlen(CLOSING), &domain, &unused) < 0)
		return;
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->type == DISK_FILE && disk->place >= 0)
			take_for_raw(headed, domain->places[disk->place].value, disk->format);
	}
}

static void read_all(const struct headed *headed, const char *folder)
{
	cleanup_dir DIR *dir = opendir(folder);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		cleanup_free char *path = xasprintf("%s/%s", folder, entry->d_name);
		cleanup_strbuf struct strbuf text = {0};
		const char *dot = strrchr(entry->d_name, '.');
		struct err unused;
		if (!str_equal(dot, ".xml") ||
		    file_read(path, DOMAIN_STATUS_MAX_BYTES, &text, &unused) < 0 || !text.text)
			continue;
		read_domain(headed, &text);
	}
}

void survey_take_for_raw(const struct site *site, struct growth *growth)
{
	struct headed headed = find_headed(growth);

	if (headed.count > 0) {
		read_all(&headed, site->libvirt_run);
		read_all(&headed, site->libvirt_config);
	}
	free(headed.files);
}
