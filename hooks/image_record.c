/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image record: a small text file per domain UUID, replaced whole. */
#include "hooks/image_record.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/fields.h"
#include "storage/in_use.h"

#define RECORD_MAX_BYTES (1 << 20)
#define FORMAT_LINE "berth-images\t1"

static const char *const state_names[] = {
	[IMAGE_RESIDENT] = "resident",
	[IMAGE_DEPARTED] = "departed",
	[IMAGE_ASIDE] = "aside",
};
_Static_assert(ARRAY_SIZE(state_names) == IMAGE_STATES, "each state has a name");

const char *image_state_name(enum image_state state)
{
	return state_names[state];
}

static char *record_path(const struct site *site, const char *uuid)
{
	return xasprintf("%s/images/%s", site->state, uuid);
}

void image_record_freep(struct image_record **record)
{
	if (!*record)
		return;
	for (size_t i = 0; i < (*record)->count; i++)
		free((*record)->images[i].path);
	free((*record)->images);
	free((*record)->uuid);
	free((*record)->name);
	free(*record);
	*record = NULL;
}

static struct known_image *add(struct image_record *record, const char *path)
{
	record->images = xreallocarray(record->images, record->count + 1, sizeof(*record->images));
	struct known_image *image = &record->images[record->count++];
	*image = (struct known_image){.path = xstrdup(path)};
	return image;
}

static int read_state(const char *name)
{
	for (size_t i = 0; name && i < IMAGE_STATES; i++) {
		if (strcmp(state_names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

static int read_image(struct image_record *record, const struct fields *line)
{
	int state = read_state(field(line, "state"));
	uint64_t mtime_ns, size_bytes, since, made;
	struct file_id id;

	if (state < 0 || !field(line, "path") || !field_u64(line, "device", &id.device) ||
	    !field_u64(line, "inode", &id.inode) || !field_u64(line, "birth-ns", &id.birth_ns) ||
	    !field_u64(line, "mtime-ns", &mtime_ns) ||
	    !field_u64(line, "size-bytes", &size_bytes) || !field_u64(line, "since", &since) ||
	    !field_u64(line, "made", &made))
		return -EBADMSG;
	struct known_image *image = add(record, field(line, "path"));
	image->id = id;
	image->state = (enum image_state)state;
	image->made = made != 0;
	image->mtime_ns = mtime_ns;
	image->size_bytes = size_bytes;
	image->since = (time_t)since;
	return 0;
}

static int read_line(struct image_record *record, char *text)
{
	struct fields line;

	fields_split(&line, text);
	if (strcmp(line.word, "guest") == 0) {
		free(record->name);
		record->name = xstrdup(field(&line, "name"));
		return 0;
	}
	return strcmp(line.word, "image") == 0 ? read_image(record, &line) : -EBADMSG;
}

static int read_lines(struct image_record *record, char *text)
{
	char *rest = NULL;
	char *line = strtok_r(text, "\n", &rest);

	if (!line || strcmp(line, FORMAT_LINE) != 0)
		return -EBADMSG;
	while ((line = strtok_r(NULL, "\n", &rest))) {
		if (read_line(record, line) < 0)
			return -EBADMSG;
	}
	return 0;
}

int image_record_load(const struct site *site, const char *uuid, struct image_record **ret,
		      struct err *err)
{
	cleanup_free char *path = record_path(site, uuid);
	cleanup_strbuf struct strbuf text = {0};
	cleanup_image_record struct image_record *record = xcalloc(1, sizeof(*record));

	record->uuid = xstrdup(uuid);
	int rc = file_read(path, RECORD_MAX_BYTES, &text, err);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (rc == 0 && read_lines(record, text.text ? text.text : (char[]){""}) < 0)
		return err_set(err, EBADMSG,
			       "record '%s' is not understood; is it from a newer berth?", path);
	*ret = steal_pointer(record);
	return 0;
}

int image_record_open(const struct site *site, const char *uuid, struct image_record **ret,
		      struct err *err)
{
	cleanup_close int lock = site_lock(site, err);

	if (lock < 0)
		return lock;
	int rc = image_record_load(site, uuid, ret, err);
	return rc < 0 ? rc : steal_fd(lock);
}

int image_record_save(const struct site *site, const struct image_record *record, struct err *err)
{
	cleanup_free char *path = record_path(site, record->uuid);
	cleanup_free char *folder = path_folder(path);
	cleanup_strbuf struct strbuf text = {0};

	if (record->count == 0) {
		if (unlink(path) < 0 && errno != ENOENT)
			return err_set(err, errno, "record '%s': remove: %s", path,
				       strerror(errno));
		return 0;
	}
	strbuf_puts(&text, FORMAT_LINE "\nguest");
	field_put(&text, "name", record->name);
	strbuf_puts(&text, "\n");
	for (size_t i = 0; i < record->count; i++) {
		const struct known_image *image = &record->images[i];
		strbuf_puts(&text, "image");
		field_put(&text, "path", image->path);
		field_put(&text, "state", state_names[image->state]);
		field_put_u64(&text, "made", image->made);
		field_put_u64(&text, "device", image->id.device);
		field_put_u64(&text, "inode", image->id.inode);
		field_put_u64(&text, "birth-ns", image->id.birth_ns);
		field_put_u64(&text, "mtime-ns", image->mtime_ns);
		field_put_u64(&text, "size-bytes", image->size_bytes);
		field_put_u64(&text, "since", (uint64_t)image->since);
		strbuf_puts(&text, "\n");
	}
	int rc = file_make_folders(folder, 0700, err);
	return rc < 0 ? rc : file_replace(path, text.text, text.length, 0600, err);
}

struct known_image *image_record_find(const struct image_record *record, const char *path)
{
	for (size_t i = 0; i < record->count; i++) {
		if (strcmp(record->images[i].path, path) == 0)
			return &record->images[i];
	}
	return NULL;
}

static uint64_t mtime_ns(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

int image_record_note(struct image_record *record, const char *path, enum image_state state,
		      bool made, struct err *err)
{
	struct file_id id;
	struct stat st;

	if (lstat(path, &st) < 0 || file_id_of(path, &id, err) < 0) {
		int code = errno;
		image_record_drop(record, path);
		return err_set(err, code, "image '%s': %s", path, strerror(code));
	}
	struct known_image *image = image_record_find(record, path);
	if (!image)
		image = add(record, path);
	image->id = id;
	image->state = state;
	image->made = made;
	image->mtime_ns = mtime_ns(&st);
	image->size_bytes = (uint64_t)st.st_size;
	image->since = time(NULL);
	return 0;
}

void image_record_drop(struct image_record *record, const char *path)
{
	struct known_image *image = image_record_find(record, path);

	if (!image)
		return;
	free(image->path);
	*image = record->images[--record->count];
}

bool known_image_is_unchanged(const struct known_image *image)
{
	struct file_id id;
	struct stat st;
	struct err err;

	return lstat(image->path, &st) == 0 && S_ISREG(st.st_mode) &&
	       file_id_of(image->path, &id, &err) == 0 && file_id_equal(&id, &image->id) &&
	       mtime_ns(&st) == image->mtime_ns && (uint64_t)st.st_size == image->size_bytes;
}

int known_image_check_stale(const struct known_image *image, struct err *err)
{
	enum image_use use;

	if (!known_image_is_unchanged(image))
		return err_set(err, ESTALE,
			       "'%s' has changed since the guest left; look at it yourself",
			       image->path);
	int rc = image_use(image->path, &use, err);
	if (rc == 0 && use != IMAGE_UNUSED)
		rc = err_set(err, EBUSY, "'%s' is in use; left alone", image->path);
	return rc;
}

int image_record_list(const struct site *site, char ***ret, size_t *ret_count, struct err *err)
{
	return site_list_uuids(site, "images", ret, ret_count, err);
}
