/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The extended attribute of a stale image. */
#include "hooks/records/image_mark.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/strbuf.h"
#include "hooks/records/fields.h"
#include "storage/file_id.h"

#define MARK_MAX_BYTES 512

int image_mark_set(const char *path, const char *uuid, bool made, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(err, errno, "image '%s': %s", path, strerror(errno));
	strbuf_puts(&text, "departed");
	field_put(&text, "uuid", uuid);
	field_put_u64(&text, "made", made);
	field_put_u64(&text, "mtime-ns", file_mtime_ns(&st));
	field_put_u64(&text, "size-bytes", (uint64_t)st.st_size);
	field_put_u64(&text, "since", (uint64_t)time(NULL));
	if (setxattr(path, IMAGE_MARK, text.text, text.length, 0) < 0)
		return err_set(err, errno, "image '%s': mark it as stale: %s", path,
			       strerror(errno));
	return 0;
}

void image_mark_remove(const char *path)
{
	removexattr(path, IMAGE_MARK);
}

struct mark {
	char uuid[37];
	bool made;
	time_t since;
};

static bool read_uuid(const struct fields *line, struct mark *mark)
{
	const char *uuid = field(line, "uuid");

	if (!uuid || strlen(uuid) != 36 || strspn(uuid, "0123456789abcdef-") != 36)
		return false;
	memcpy(mark->uuid, uuid, sizeof(mark->uuid));
	return true;
}

/* What the mark says, if the file is as it was then. */
static bool read_mark(const char *path, struct mark *ret)
{
	char text[MARK_MAX_BYTES + 1];
	uint64_t made, mtime, size, since;
	struct fields line;
	struct stat st;

	ssize_t length = getxattr(path, IMAGE_MARK, text, MARK_MAX_BYTES);
	if (length <= 0 || stat(path, &st) < 0)
		return false;
	text[length] = '\0';
	fields_split(&line, text);
	if (!str_equal(line.word, "departed") || !read_uuid(&line, ret) ||
	    !field_u64(&line, "made", &made) || !field_u64(&line, "mtime-ns", &mtime) ||
	    !field_u64(&line, "size-bytes", &size) || !field_u64(&line, "since", &since))
		return false;
	ret->made = made != 0;
	ret->since = (time_t)since;
	return mtime == file_mtime_ns(&st) && size == (uint64_t)st.st_size;
}

bool image_mark_adopt(struct image_record *record, const char *path)
{
	const struct known_image *known = image_record_find(record, path);
	struct mark mark;
	struct err err;

	if ((known && known->state != IMAGE_RESIDENT) || !read_mark(path, &mark) ||
	    !str_equal(mark.uuid, record->uuid) ||
	    image_record_note(record, path, IMAGE_DEPARTED, mark.made, &err) < 0)
		return false;
	image_record_find(record, path)->since = mark.since;
	return true;
}

/* Into the record of the guest that has left it, which may be another than the one that starts. */
static int settle_mark(const struct site *site, const struct domain *domain, const char *path,
		       const struct mark *mark, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(site, mark->uuid, &record, err);

	if (lock < 0)
		return lock;
	if (!record->name && str_equal(mark->uuid, domain->uuid))
		record->name = xstrdup(domain->name);
	return image_mark_adopt(record, path) ? image_record_save(site, record, err) : 0;
}

int image_marks_settle(const struct site *site, const struct domain *domain, struct err *err)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		struct mark mark;
		if (disk->type != DISK_FILE || !disk_is_copied(disk) ||
		    !read_mark(domain->places[disk->place].value, &mark))
			continue;
		const char *path = domain->places[disk->place].value;
		int rc = settle_mark(site, domain, path, &mark, err);
		if (rc < 0)
			return err_wrap(err,
					"disk '%s': '%s' is stale, for its guest has left this "
					"host, and that can't be noted",
					disk->target, path);
		image_mark_remove(path);
	}
	return 0;
}
