/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate's judgement of one disk.
 *
 * What makes two images the same: the same file on storage that both hosts share; or the same
 * digest, where both hosts have one of the file as it is now; else their size and format. For an
 * image below one that berth has made here that is not enough: berth chose it by its digest when
 * the migration came. The journal says which file that was, and how old: QEMU must have opened that
 * very file, as it was then. The same goes for a read-only image that was compared. An older
 * berth's journal doesn't say it; then the digest that was kept must still hold, and where none was
 * kept, as the file had been written a moment before, the file must not have been written since.
 */
#include "gate/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* One disk under judgement. @step: that made its image here, or NULL. */
struct judged {
	const struct gate_case *given;
	const struct gate_disk *there;
	const struct gate_disk *here;
	const struct step *step;
};

static const char *source(const struct judged *judged)
{
	return judged->given->there->host;
}

const struct step *gate_step_of(const struct journal *journal, const char *target)
{
	for (size_t i = 0; journal && i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i].step;
		if (step->kind == STEP_IMAGE && !journal->steps[i].undone &&
		    str_equal(step->disk, target))
			return step;
	}
	return NULL;
}

/* --- one layer --- */

static bool is_same_file(const struct gate_image *there, const struct gate_image *here)
{
	return there->shared && here->shared && there->inode == here->inode;
}

static int judge_size(const struct judged *judged, const struct gate_image *there,
		      const struct gate_image *here, struct err *err)
{
	if (strcmp(there->format, here->format) != 0)
		return err_set(err, EMEDIUMTYPE,
			       "'%s' is %s, '%s' on host '%s' is %s; take the image away here and "
			       "migrate again",
			       here->path, here->format, there->path, source(judged),
			       there->format);
	if (there->virtual_bytes != here->virtual_bytes)
		return err_set(err, EMEDIUMTYPE,
			       "'%s' has %" PRIu64 " bytes, '%s' on host '%s' has %" PRIu64
			       "; was it resized? run 'berth sync %s' on that host and migrate "
			       "again",
			       here->path, here->virtual_bytes, there->path, source(judged),
			       there->virtual_bytes, judged->given->here->name);
	return 0;
}

static const struct file_version *compared_version(const struct judged *judged, size_t level)
{
	const struct journal *journal = judged->given->journal;
	const struct compared *compared =
		journal ? compared_find(&journal->compared, judged->here->target, level) : NULL;

	return compared ? &compared->version : NULL;
}

/* What has become of the file since berth compared it, or NULL. */
static const char *change_since(const struct file_version *then, const struct file_version *now)
{
	if (!file_id_equal(&then->id, &now->id))
		return "was replaced by another file since berth compared it with the source's";
	if (then->size_bytes != now->size_bytes || then->mtime_ns != now->mtime_ns)
		return "has been written since berth compared it with the source's";
	return NULL;
}

/* An image that berth compared: whether it is still that one. @then: NULL where the journal is an
 * older berth's; only below an image that berth made. */
static int judge_chosen(const struct judged *judged, const struct file_version *then,
			const struct gate_image *here, struct err *err)
{
	const char *what = then ? change_since(then, &here->version) : NULL;

	if (here->held == GATE_HELD_NO)
		what = "was replaced by another file since QEMU opened it";
	else if (!then && here->memory == DIGEST_CHANGED)
		what = "has been written since berth compared it with the source's";
	else if (!then && here->memory == DIGEST_NONE && judged->step->id.birth_ns &&
		 here->version.mtime_ns > judged->step->id.birth_ns)
		what = "has been written since the migration began";
	if (!what)
		return 0;
	return err_set(err, ESTALE, "'%s' %s; put the right image there and migrate again",
		       here->path, what);
}

static int judge_content(const struct judged *judged, size_t level, const struct gate_image *there,
			 const struct gate_image *here, struct err *err)
{
	const struct file_version *then = compared_version(judged, level);
	int rc = then || judged->step ? judge_chosen(judged, then, here, err) : 0;

	if (rc < 0)
		return rc;
	if (judged->step && there->memory == DIGEST_CHANGED)
		return err_set(err, ESTALE,
			       "'%s' on host '%s' has been written since its manifest was; run "
			       "'berth sync %s' there and migrate again",
			       there->path, source(judged), judged->given->here->name);
	bool both_known = there->memory == DIGEST_HOLDS && here->memory == DIGEST_HOLDS;
	if (both_known ? strcmp(there->digest, here->digest) != 0
		       : there->file_bytes != here->file_bytes)
		return err_set(err, ESTALE,
			       "'%s' is not the same image as '%s' on host '%s': their %s differ; "
			       "copy the one from there and migrate again",
			       here->path, there->path, source(judged),
			       both_known ? "digests" : "files' sizes");
	return 0;
}

static int judge_layer(const struct judged *judged, size_t level, struct err *err)
{
	const struct gate_image *there = &judged->there->images[level];
	const struct gate_image *here = &judged->here->images[level];
	int rc = judge_size(judged, there, here, err);

	if (rc < 0 || is_same_file(there, here))
		return rc;
	return judge_content(judged, level, there, here, err);
}

/* --- what the guest writes to --- */

static int judge_made(const struct judged *judged, const struct gate_image *there,
		      const struct gate_image *here, struct err *err)
{
	const struct step *step = judged->step;

	if (strcmp(step->path, here->path) != 0)
		return err_set(err, ESTALE,
			       "the guest uses '%s', but for this migration '%s' was made; migrate "
			       "again",
			       here->path, step->path);
	if (step->has_id && !file_id_equal(&step->id, &here->id))
		return err_set(err, ESTALE,
			       "'%s' is not the file that was made for this migration; who has "
			       "replaced it?",
			       here->path);
	if (here->held == GATE_HELD_NO)
		return err_set(err, ESTALE,
			       "'%s' is not the file that QEMU has opened; who has replaced it?",
			       here->path);
	if (here->beyond_end)
		return err_set(err, EIO,
			       "'%s' was cut to %" PRIu64 " bytes, and lacks data; who has "
			       "truncated it?",
			       here->path, here->file_bytes);
	if (here->data == IMAGE_DATA_NONE && there->data == IMAGE_DATA_SOME)
		return err_set(err, ENODATA,
			       "'%s' is empty, '%s' on host '%s' is not: the migration hasn't "
			       "copied it; migrate with --copy-storage-inc",
			       here->path, there->path, source(judged));
	return 0;
}

/* --- the chain --- */

static void list_chain(const struct gate_disk *disk, struct strbuf *out)
{
	for (size_t i = 0; i < disk->image_count; i++)
		strbuf_printf(out, "%s'%s'", i ? ", " : "", disk->images[i].path);
}

static int judge_length(const struct judged *judged, struct err *err)
{
	cleanup_strbuf struct strbuf there = {0}, here = {0};

	if (judged->there->image_count == judged->here->image_count)
		return 0;
	list_chain(judged->there, &there);
	list_chain(judged->here, &here);
	return err_set(err, ESTALE,
		       "its chain has %zu images here (%s), but %zu on host '%s' (%s); a snapshot "
		       "or a block job since the manifest was written? run 'berth sync %s' on that "
		       "host and migrate again",
		       judged->here->image_count, here.text, judged->there->image_count,
		       source(judged), there.text, judged->given->here->name);
}

static int judge_images(const struct judged *judged, struct err *err)
{
	const struct gate_disk *there = judged->there, *here = judged->here;

	if (there->image_count == 0 || here->image_count == 0)
		return err_set(err, EBADMSG, "no image is known of it");
	int rc = judge_length(judged, err);
	/* What the guest only reads isn't copied: its content is judged, as that of a layer below.
	 */
	if (rc == 0 && here->readonly)
		rc = judge_layer(judged, 0, err);
	else if (rc == 0)
		rc = judge_size(judged, &there->images[0], &here->images[0], err);
	if (rc == 0 && judged->step)
		rc = judge_made(judged, &there->images[0], &here->images[0], err);
	for (size_t i = 1; i < there->image_count && rc == 0; i++)
		rc = judge_layer(judged, i, err);
	return rc;
}

/* --- devices --- */

static int judge_volume(const struct judged *judged, struct err *err)
{
	const struct volume *there = &judged->there->volume, *here = &judged->here->volume;
	cleanup_strbuf struct strbuf one = {0}, other = {0}, differences = {0};

	volume_identity_differences(there, here, &differences);
	if (volume_is_same(there, here) && !differences.length)
		return 0;
	volume_describe(here, &one);
	volume_describe(there, &other);
	return err_set(err, EMEDIUMTYPE,
		       "'%s' is %s (%s %s), on host '%s' it was %s (%s %s); attach the right "
		       "volume and migrate again",
		       judged->here->path, one.text, here->wwn ? here->wwn : "-",
		       here->serial ? here->serial : "-", source(judged), other.text,
		       there->wwn ? there->wwn : "-", there->serial ? there->serial : "-");
}

static int judge_device(const struct judged *judged, struct err *err)
{
	const struct gate_disk *there = judged->there, *here = judged->here;
	uint64_t bytes_there = gate_disk_bytes(there), bytes_here = gate_disk_bytes(here);

	/* A larger device is none to the guest where libvirt has put a <slice> of the old size on
	 * it. */
	if (bytes_there != bytes_here)
		return err_set(err, EMEDIUMTYPE,
			       "'%s' has %" PRIu64 " bytes, '%s' on host '%s' has %" PRIu64
			       "; attach the right device and migrate again",
			       here->path, bytes_here, there->path, source(judged), bytes_there);
	if (here->slice_offset != there->slice_offset)
		return err_set(err, EMEDIUMTYPE,
			       "the guest's <slice> begins at byte %" PRIu64 " of '%s', on host "
			       "'%s' at byte %" PRIu64 " of '%s'; correct the domain XML and "
			       "migrate again",
			       here->slice_offset, here->path, source(judged), there->slice_offset,
			       there->path);
	if (there->has_volume && here->has_volume)
		return judge_volume(judged, err);
	if (there->has_volume != here->has_volume)
		return err_set(err, EMEDIUMTYPE,
			       "'%s' is %s volume, '%s' on host '%s' is %s; attach the right "
			       "device and migrate again",
			       here->path, here->has_volume ? "a" : "no", there->path,
			       source(judged), there->has_volume ? "one" : "none");
	return 0;
}

/* With `virsh migrate --xml` a disk may be copied from a file to a device, or back. */
static int judge_moved(const struct judged *judged, struct err *err)
{
	const struct gate_disk *file = judged->there, *device = judged->here;

	if (file->kind == GATE_DISK_BLOCK) {
		file = judged->here;
		device = judged->there;
	}
	if (file->image_count == 1 && str_equal(file->format, device->format) &&
	    (!str_equal(file->format, "raw") ||
	     file->images[0].virtual_bytes == gate_disk_bytes(device)))
		return 0;
	return err_set(err, EMEDIUMTYPE,
		       "file '%s' and device '%s' don't have the same format and size, or the "
		       "file rests on others; choose another device and migrate again",
		       file->image_count ? file->images[0].path : "?", device->path);
}

/* --- all of it --- */

static int judge_unknown(const struct judged *judged, struct err *err)
{
	if (judged->here->unknown && (judged->step || !judged->there->unknown))
		return err_set(err, EIO, "%s", judged->here->unknown);
	if (judged->there->unknown && judged->step)
		return err_set(err, EIO, "on host '%s': %s; correct it there and migrate again",
			       source(judged), judged->there->unknown);
	return 0;
}

static int judge_kind(const struct judged *judged, struct err *err)
{
	static const char *const words[] = {
		[GATE_DISK_EMPTY] = "has no medium",
		[GATE_DISK_FILE] = "is a file",
		[GATE_DISK_BLOCK] = "is a device",
		[GATE_DISK_OTHER] = "is reached by QEMU alone",
	};
	_Static_assert(ARRAY_SIZE(words) == GATE_DISK_KINDS, "each kind has its words");

	return err_set(err, ESTALE, "here it %s, on host '%s' it %s; migrate again",
		       words[judged->here->kind], source(judged), words[judged->there->kind]);
}

int gate_compare_disk(const struct gate_case *given, const struct gate_disk *there,
		      const struct gate_disk *here, struct err *err)
{
	struct judged judged = {given, there, here, gate_step_of(given->journal, here->target)};

	int rc = judge_unknown(&judged, err);
	if (rc < 0 || there->unknown)
		return rc;
	/* startupPolicy='optional': libvirt has left the medium away. */
	if (here->readonly && here->kind == GATE_DISK_EMPTY)
		return 0;
	if ((there->kind == GATE_DISK_FILE && here->kind == GATE_DISK_BLOCK) ||
	    (there->kind == GATE_DISK_BLOCK && here->kind == GATE_DISK_FILE))
		return judge_moved(&judged, err);
	if (there->kind != here->kind)
		return judge_kind(&judged, err);
	if (there->kind == GATE_DISK_FILE)
		return judge_images(&judged, err);
	return there->kind == GATE_DISK_BLOCK ? judge_device(&judged, err) : 0;
}
