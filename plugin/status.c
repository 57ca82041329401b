/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few facts of libvirt's status file that the gate needs. */
#include "plugin/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin/buffer.h"
#include "xml/mention.h"
#include "xml/scan.h"

/* A state of three MiB and a domain of eight fit. */
#define STATUS_MAX_BYTES (16u << 20)

/* VIR_MIGRATE_POSTCOPY of libvirt/libvirt-domain.h; libvirt's headers are not needed for more. */
#define MIGRATE_POST_COPY (1ul << 15)

static bool text_is(const char *text, size_t begin, size_t end, const char *wanted)
{
	return end - begin == strlen(wanted) && memcmp(text + begin, wanted, end - begin) == 0;
}

static enum guest_job job_of(const char *text, const struct scan_attribute *async)
{
	if (text_is(text, async->value, async->value_end, "none"))
		return JOB_NONE;
	if (text_is(text, async->value, async->value_end, "migration in"))
		return JOB_MIGRATION_IN;
	if (text_is(text, async->value, async->value_end, "migration out"))
		return JOB_MIGRATION_OUT;
	return JOB_OTHER;
}

static void read_job(const struct scan *scan, const struct scan_token *tag,
		     struct guest_status *status)
{
	struct scan_attribute found;

	for (size_t at = tag->name_end; scan_attribute(scan, tag, &at, &found);) {
		if (text_is(scan->text, found.name, found.name_end, "async"))
			status->job = job_of(scan->text, &found);
		/* strtoul() ends at the quote that scan_attribute() has seen. */
		if (text_is(scan->text, found.name, found.name_end, "flags"))
			status->post_copy =
				strtoul(scan->text + found.value, NULL, 0) & MIGRATE_POST_COPY;
	}
}

/* Elements of the guest's own metadata may have any name: only a child of the root counts. */
static void find_job(const char *text, size_t length, struct guest_status *status)
{
	struct scan scan = {.text = text, .length = length};
	struct scan_token token;
	int depth = 0;

	for (;;) {
		scan_next(&scan, &token);
		if (token.kind == SCAN_EOF || token.kind == SCAN_BROKEN ||
		    token.kind == SCAN_DOCTYPE)
			return;
		if (token.kind == SCAN_END)
			depth--;
		if (token.kind != SCAN_START)
			continue;
		if (depth == 1 && text_is(text, token.begin + 1, token.name_end, "job")) {
			read_job(&scan, &token, status);
			return;
		}
		depth += !token.empty;
	}
}

struct guest_status guest_status_of(const char *text, size_t length)
{
	struct guest_status status = {.managed = xml_may_mention(text, length, "urn:berth:")};

	find_job(text, length, &status);
	return status;
}

static int read_all(int fd, struct buffer *out)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > STATUS_MAX_BYTES)
		return -EFBIG;
	size_t size = (size_t)st.st_size;
	if (!buffer_reserve(out, size))
		return -ENOMEM;
	while (out->length < size) {
		ssize_t got = read(fd, out->bytes + out->length, size - out->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		out->length += (size_t)got;
	}
	return 0;
}

int guest_status_read(const char *folder, const char *name, struct guest_status *ret,
		      struct err *err)
{
	cleanup_buffer struct buffer text = {0};
	char path[512];

	*ret = (struct guest_status){.managed = true};
	if (strchr(name, '/') ||
	    snprintf(path, sizeof(path), "%s/%s.xml", folder, name) >= (int)sizeof(path))
		return err_set(err, EINVAL, "'%s' is no name of a status file", name);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		ret->managed = false;
		return 0;
	}
	int rc = fd < 0 ? -errno : read_all(fd, &text);
	if (rc < 0)
		return err_set(err, -rc, "read '%s': %s", path, strerror(-rc));
	*ret = guest_status_of(text.bytes, text.length);
	return 0;
}
