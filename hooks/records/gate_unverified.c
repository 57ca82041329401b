/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mark of a guest that has not been verified since it came. */
#include "hooks/records/gate_unverified.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "base/strbuf.h"

#define MARK_MAX_BYTES 4096

static char *path_of(const struct site *site, const char *uuid)
{
	return xasprintf("%s/%s", site->unverified, uuid);
}

/* Return: the text, or NULL: there is no such process. */
static char *mark_of(pid_t pid)
{
	unsigned long long start;

	if (pid <= 0 || process_start(pid, &start) < 0)
		return NULL;
	return xasprintf("berth-unverified\t1\nqemu\tpid=%d\tstart=%llu\n", (int)pid, start);
}

int gate_unverified_note(const struct site *site, const char *uuid, pid_t pid, struct err *err)
{
	cleanup_free char *path = path_of(site, uuid);
	cleanup_free char *mark = mark_of(pid);

	if (!mark)
		return err_set(err, ESRCH, "its QEMU, process %d, does not run", (int)pid);
	int rc = file_make_folders(site->unverified, 0700, err);
	return rc < 0 ? rc : file_replace(path, mark, strlen(mark), 0600, err);
}

bool gate_is_unverified(const struct site *site, const char *uuid, pid_t pid)
{
	cleanup_free char *path = path_of(site, uuid);
	cleanup_free char *mark = mark_of(pid);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	return mark && file_read(path, MARK_MAX_BYTES, &text, &err) == 0 &&
	       str_equal(text.text, mark);
}

void gate_unverified_forget(const struct site *site, const char *uuid)
{
	cleanup_free char *path = path_of(site, uuid);

	unlink(path);
}
