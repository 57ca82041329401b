/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest's disks are on this host now. */
#include "gate/look.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "gate/compare.h"
#include "hooks/records/shared_storage.h"

#define SECTOR 512

static bool is_shared(const struct gate_view *view, const char *path)
{
	bool shared = false;
	struct err err;

	return on_shared_storage(view->config, path, &shared, &err) == 0 && shared;
}

static enum gate_held held(const struct gate_view *view, const struct stat *st)
{
	struct file_id id = {.device = st->st_dev, .inode = st->st_ino};

	if (!view->files || !view->files->known)
		return GATE_HELD_UNKNOWN;
	for (size_t i = 0; i < view->files->count; i++) {
		if (file_id_equal(&view->files->items[i], &id))
			return GATE_HELD_YES;
	}
	return GATE_HELD_NO;
}

/* What the file system says of the image's file. */
static int look_at_file(const struct gate_view *view, struct gate_image *image, struct stat *st,
			struct err *err)
{
	if (stat(image->path, st) < 0)
		return err_set(err, errno, "image '%s': %s", image->path, strerror(errno));
	image->file_bytes = (uint64_t)st->st_size;
	image->allocated_bytes = (uint64_t)st->st_blocks * SECTOR;
	image->inode = st->st_ino;
	image->shared = is_shared(view, image->path);
	image->held = held(view, st);
	int rc = file_version_at(image->path, st, &image->version, err);
	return rc < 0 ? rc : file_id_of(image->path, &image->id, err);
}

static void recall_digest(const struct gate_view *view, struct gate_image *image,
			  const struct stat *st)
{
	cleanup_free char *store = xasprintf("%s/digests", view->site->state);

	image->memory = digest_store_recall(store, st, image->format, image->digest);
}

/* Nobody writes to it, and its content is its size and its digest. */
static int look_at_medium(const struct gate_view *view, const struct running_disk *from,
			  struct gate_disk *disk, struct err *err)
{
	struct gate_image *image = gate_disk_add_image(disk);
	struct stat st;

	image->path = xstrdup(from->path);
	image->format = xstrdup("raw");
	int rc = look_at_file(view, image, &st, err);
	if (rc < 0)
		return rc;
	image->virtual_bytes = (image->file_bytes + SECTOR - 1) / SECTOR * SECTOR;
	recall_digest(view, image, &st);
	return 0;
}

/* Whether it matters what was written to the disk's image. */
static bool looks_at_tables(const struct gate_view *view, const struct running_disk *from)
{
	return !from->readonly && (!view->there || gate_step_of(view->journal, from->target));
}

static int look_at_layer(const struct gate_view *view, const struct image *layer,
			 const struct running_disk *top_of, bool is_read_only,
			 struct gate_image *image, struct err *err)
{
	struct stat st;

	image->path = xstrdup(layer->path);
	image->format = xstrdup(layer->format);
	image->virtual_bytes = layer->virtual_bytes;
	int rc = look_at_file(view, image, &st, err);
	if (rc == 0 && is_read_only)
		recall_digest(view, image, &st);
	if (rc == 0 && top_of && looks_at_tables(view, top_of) && S_ISREG(st.st_mode))
		rc = image_data_of(layer->path, layer->format, &image->data, &image->beyond_end,
				   err);
	return rc;
}

static int look_at_chain(const struct gate_view *view, const struct running_disk *from,
			 const char *format, struct gate_disk *disk, struct err *err)
{
	cleanup_image_chain struct image_chain chain = {0};

	int rc = image_chain_inspect(from->path, format, &chain, err);
	for (size_t i = 0; i < chain.count && rc == 0; i++)
		rc = look_at_layer(view, &chain.images[i], i == 0 ? from : NULL,
				   i > 0 || from->readonly, gate_disk_add_image(disk), err);
	return rc;
}

/* QEMU would refuse it too; what the gate compares is then certain to be there. */
static int look_at_slice(const struct running_disk *from, struct gate_disk *disk, struct err *err)
{
	if (from->slice_offset > disk->device_bytes ||
	    from->slice_bytes > disk->device_bytes - from->slice_offset)
		return err_set(err, ERANGE,
			       "the guest's <slice> of '%s' goes beyond its end, which is at byte "
			       "%" PRIu64 "; attach a larger device",
			       from->path, disk->device_bytes);
	disk->slice_offset = from->slice_offset;
	disk->slice_bytes = from->slice_bytes;
	return 0;
}

static int look_at_device(const struct running_disk *from, struct gate_disk *disk, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};
	unsigned long long sectors;
	struct stat st;

	disk->path = xstrdup(from->path);
	if (stat(from->path, &st) < 0)
		return err_set(err, errno, "device '%s': %s", from->path, strerror(errno));
	if (!S_ISBLK(st.st_mode))
		return err_set(err, ENOTBLK, "'%s' is no block device", from->path);
	cleanup_free char *size =
		xasprintf("/sys/dev/block/%u:%u/size", major(st.st_rdev), minor(st.st_rdev));
	int rc = file_read(size, 64, &text, err);
	if (rc < 0)
		return rc;
	text.text[strcspn(text.text, "\n")] = '\0';
	if (!str_to_u64(text.text, &sectors))
		return err_set(err, EBADMSG, "'%s' holds '%s'", size, text.text);
	disk->device_bytes = sectors * SECTOR;
	rc = look_at_slice(from, disk, err);
	if (rc < 0)
		return rc;
	rc = volume_of_device(from->path, &disk->volume, err);
	disk->has_volume = rc > 0;
	return rc < 0 ? rc : 0;
}

static enum gate_disk_kind kind_of(const struct running_disk *from)
{
	bool is_block = str_equal(from->type, "block");

	if (!is_block && !str_equal(from->type, "file"))
		return GATE_DISK_OTHER;
	return !from->path ? GATE_DISK_EMPTY : is_block ? GATE_DISK_BLOCK : GATE_DISK_FILE;
}

static void look_at_disk(const struct gate_view *view, const struct running_disk *from,
			 struct gate_disk *disk)
{
	const char *format = from->format ? from->format : "raw";
	struct err err;
	int rc = 0;

	disk->target = xstrdup(from->target);
	disk->format = xstrdup(format);
	disk->readonly = from->readonly;
	disk->shareable = from->shareable;
	disk->kind = kind_of(from);
	if (disk->kind == GATE_DISK_BLOCK)
		rc = look_at_device(from, disk, &err);
	else if (disk->kind == GATE_DISK_FILE && from->readonly && str_equal(format, "raw"))
		rc = look_at_medium(view, from, disk, &err);
	else if (disk->kind == GATE_DISK_FILE)
		rc = look_at_chain(view, from, format, disk, &err);
	if (rc < 0)
		disk->unknown = xstrdup(err.text);
}

void gate_look_at_disks(const struct gate_view *view, struct gate_facts *facts)
{
	for (size_t i = 0; i < view->domain->disk_count; i++)
		look_at_disk(view, &view->domain->disks[i], gate_facts_add_disk(facts));
}
