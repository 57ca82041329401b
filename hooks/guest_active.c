/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a guest is active on this host: looking through libvirt's status files. */
#include "hooks/guest_active.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "xml/status.h"

/*
 * libvirt writes the guest's own UUID before its metadata, which may hold any other: the first one
 * counts, and nothing that stands behind it, so that no guest's metadata keeps another one from
 * coming. A file in which there is no domain counts as the guest's where its UUID is.
 */
static bool is_of_guest(const struct strbuf *text, const char *uuid)
{
	cleanup_free char *element = xasprintf("<uuid>%s</uuid>", uuid);

	if (!text->text || !strstr(text->text, element))
		return false;
	const char *domain = strstr(text->text, "<domain ");
	const char *first = domain ? strstr(domain, "<uuid>") : NULL;
	return !first || str_starts(first, element);
}

static bool stays_here(const struct domain_status *status)
{
	return status->known && !status->incoming && !status->left && !status->ending &&
	       !status->paused_for_migration;
}

static int check_file(const struct site *site, const char *file, const char *uuid, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/%s", site->libvirt_run, file);
	cleanup_strbuf struct strbuf text = {0};
	struct domain_status status;

	int rc = file_read(path, DOMAIN_STATUS_MAX_BYTES, &text, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	if (!is_of_guest(&text, uuid))
		return 0;
	rc = domain_status_parse(text.text, text.length, &status, err);
	if (rc < 0 || !stays_here(&status))
		return rc;
	return err_set(
		err, EEXIST,
		"a guest with its UUID is active on this host, as '%.*s'; shut that down, or "
		"give one of the two another UUID",
		(int)(strlen(file) - strlen(".xml")), file);
}

static int is_status_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && strcmp(dot, ".xml") == 0;
}

int guest_refuse_active(const struct site *site, const char *uuid, struct err *err)
{
	struct dirent **entries = NULL;
	int rc = 0;

	int count = scandir(site->libvirt_run, &entries, is_status_file, NULL);
	if (count < 0 && errno != ENOENT)
		return err_set(err, errno, "read '%s': %s", site->libvirt_run, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = check_file(site, entries[i]->d_name, uuid, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}
