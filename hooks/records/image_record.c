/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image record: what is in it, and what may be done with a stale image. */
#include "hooks/records/image_record.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/records/fields.h"
#include "hooks/records/guest_record.h"
#include "storage/in_use.h"

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

static void forget_copies(struct known_image *image)
{
	free(image->copy);
	free(image->superseded);
	image->copy = NULL;
	image->superseded = NULL;
}

static void image_clear(struct known_image *image)
{
	free(image->path);
	free(image->folder);
	forget_copies(image);
}

void image_record_freep(struct image_record **record)
{
	if (!*record)
		return;
	for (size_t i = 0; i < (*record)->count; i++)
		image_clear(&(*record)->images[i]);
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

static int read_image(void *record, const struct fields *line)
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
	cleanup_free char *path = path_plain(field(line, "path"));
	struct known_image *image = add(record, path);
	image->id = id;
	image->state = (enum image_state)state;
	image->made = made != 0;
	image->mtime_ns = mtime_ns;
	image->size_bytes = size_bytes;
	image->since = (time_t)since;
	image->copy = field(line, "copy") ? xstrdup(field(line, "copy")) : NULL;
	image->superseded = field(line, "superseded") ? xstrdup(field(line, "superseded")) : NULL;
	image->doubtful = str_equal(field(line, "doubtful"), "1");
	image->folder = xstrdup(field(line, "folder"));
	return 0;
}

static const struct guest_record_form form = {
	.folder = "images",
	.format_line = "berth-images\t1",
	.item = "image",
	.max_bytes = 16 << 20,
	.read_item = read_image,
};

int image_record_load(const struct site *site, const char *uuid, struct image_record **ret,
		      struct err *err)
{
	cleanup_image_record struct image_record *record = xcalloc(1, sizeof(*record));

	record->uuid = xstrdup(uuid);
	int rc = guest_record_read(&form, site, uuid, &record->name, record, err);
	if (rc < 0)
		return rc;
	*ret = steal_pointer(record);
	return 0;
}

int image_record_open(const struct site *site, const char *uuid, struct image_record **ret,
		      struct err *err)
{
	cleanup_close int lock = site_lock_record(site, form.folder, uuid, err);

	if (lock < 0)
		return lock;
	int rc = image_record_load(site, uuid, ret, err);
	return rc < 0 ? rc : steal_fd(lock);
}

int image_record_save(const struct site *site, const struct image_record *record, struct err *err)
{
	cleanup_strbuf struct strbuf items = {0};

	for (size_t i = 0; i < record->count; i++) {
		const struct known_image *image = &record->images[i];
		strbuf_puts(&items, form.item);
		field_put(&items, "path", image->path);
		field_put(&items, "state", state_names[image->state]);
		field_put_u64(&items, "made", image->made);
		field_put_u64(&items, "device", image->id.device);
		field_put_u64(&items, "inode", image->id.inode);
		field_put_u64(&items, "birth-ns", image->id.birth_ns);
		field_put_u64(&items, "mtime-ns", image->mtime_ns);
		field_put_u64(&items, "size-bytes", image->size_bytes);
		field_put_u64(&items, "since", (uint64_t)image->since);
		field_put(&items, "copy", image->copy);
		field_put(&items, "superseded", image->superseded);
		field_put(&items, "doubtful", image->doubtful ? "1" : NULL);
		field_put(&items, "folder", image->folder);
		strbuf_puts(&items, "\n");
	}
	return guest_record_write(&form, site, record->uuid, record->name, &items, err);
}

struct known_image *image_record_find(const struct image_record *record, const char *path)
{
	for (size_t i = 0; i < record->count; i++) {
		if (strcmp(record->images[i].path, path) == 0)
			return &record->images[i];
	}
	return NULL;
}

int image_record_note(struct image_record *record, const char *path, enum image_state state,
		      bool made, struct err *err)
{
	struct file_id id;
	struct stat st;

	/* What a link leads to is what the guest has written to. */
	if (stat(path, &st) < 0 || file_id_of_target(path, &id, err) < 0) {
		int code = errno;
		image_record_drop(record, path);
		return err_set(err, code, "image '%s': %s", path, strerror(code));
	}
	struct known_image *image = image_record_find(record, path);
	if (!image)
		image = add(record, path);
	if (!file_id_is_same(&image->id, &id))
		forget_copies(image);
	image->id = id;
	image->doubtful = false;
	image->state = state;
	image->made = made;
	image->mtime_ns = file_mtime_ns(&st);
	image->size_bytes = (uint64_t)st.st_size;
	image->since = time(NULL);
	return 0;
}

void image_record_drop(struct image_record *record, const char *path)
{
	struct known_image *image = image_record_find(record, path);

	if (!image)
		return;
	image_clear(image);
	*image = record->images[--record->count];
}

bool known_image_is_there(const struct known_image *image)
{
	struct file_id id;
	struct stat st;
	struct err err;

	return lstat(image->path, &st) == 0 && S_ISREG(st.st_mode) &&
	       file_id_of(image->path, &id, &err) == 0 && file_id_is_same(&id, &image->id);
}

bool known_image_is_unchanged(const struct known_image *image)
{
	struct stat st;

	return known_image_is_there(image) && lstat(image->path, &st) == 0 &&
	       file_mtime_ns(&st) == image->mtime_ns && (uint64_t)st.st_size == image->size_bytes;
}

bool known_image_is(const struct known_image *image, const char *path, const struct file_id *id)
{
	if (image->id.inode != id->inode)
		return false;
	if (image->id.birth_ns && id->birth_ns)
		return image->id.birth_ns == id->birth_ns;
	return image->id.device == id->device || strcmp(image->path, path) == 0;
}

/* The device of the nearest folder that is there; another one where a file system is not mounted.
 */
static uint64_t device_of_folders(const char *path)
{
	cleanup_free char *folder = path_folder(path);
	struct stat st;

	while (stat(folder, &st) < 0) {
		if (strcmp(folder, "/") == 0 || errno != ENOENT)
			return 0;
		char *above = path_folder(folder);
		free(folder);
		folder = above;
	}
	return st.st_dev;
}

bool known_image_is_gone(const struct known_image *image)
{
	struct file_id id;
	struct err err;

	int rc = file_id_of_target(image->path, &id, &err);
	if (rc == 0)
		return !known_image_is(image, image->path, &id);
	return rc == -ENOENT && device_of_folders(image->path) == image->id.device;
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
	return site_list_uuids(site, form.folder, ret, ret_count, err);
}
