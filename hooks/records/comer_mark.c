/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An empty file for a guest that is about to come. */
#include "hooks/records/comer_mark.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"

/* libvirt goes on with `prepare begin` at once. An older mark is of a migration or a restore that
 * has failed, and the next start is an ordinary one. */
#define MAX_AGE_S 60

static char *path_of(const struct site *site, const char *uuid)
{
	return xasprintf("%s/%s.comes", site->known_rules, uuid);
}

int comer_mark_set(const struct site *site, const char *uuid, struct err *err)
{
	cleanup_free char *path = path_of(site, uuid);

	int rc = file_make_folders(site->known_rules, 0700, err);
	return rc < 0 ? rc : file_replace(path, "", 0, 0600, err);
}

bool comer_mark_take(const struct site *site, const char *uuid)
{
	cleanup_free char *path = path_of(site, uuid);
	struct stat st;

	bool there = stat(path, &st) == 0;
	unlink(path);
	time_t age = there ? time(NULL) - st.st_mtime : 0;
	return there && age >= 0 && age <= MAX_AGE_S;
}
