/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A manifest that is behind.
 *
 * The destination makes images by the manifest before anything else of the guest arrives there. A
 * disk that has been resized since makes libvirt fail late, in words that name neither the size
 * nor what to do. libvirtd calls the source's gate before it writes the XML that goes out, but
 * with the domain's lock in its hands, so nobody can write a new manifest in between: all that can
 * be done is to say so at once.
 */
#include "gate/stale.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "xml/recorded.h"

/* Whether the guest is migrating to another host. In the status file libvirt's own part, with the
 * job, comes before the domain. */
static bool goes_out(const struct strbuf *status, const struct running_domain *domain)
{
	static const char job[] = " async='migration out'";

	return memmem(status->text, domain->xml_begin, job, strlen(job)) != NULL;
}

static int refuse_size(const struct gate_facts *facts, const char *path, uint64_t bytes,
		       uint64_t recorded, struct err *err)
{
	return err_set(err, ESTALE,
		       "'%s' has %" PRIu64 " bytes, the guest's manifest says %" PRIu64
		       " (resized since?); run 'berth sync %s' and migrate again",
		       path, bytes, recorded, facts->name);
}

static int check_chain(const struct gate_facts *facts, const struct gate_disk *disk,
		       const struct recorded_disk *recorded, struct err *err)
{
	bool same = disk->image_count == recorded->image_count;

	for (size_t i = 0; i < disk->image_count && same; i++)
		same = str_equal(disk->images[i].path, recorded->images[i].path);
	if (!same)
		return err_set(err, ESTALE,
			       "the guest uses '%s', with %zu images below it, its manifest says "
			       "'%s' with %zu (a snapshot or a block job since?); run 'berth sync "
			       "%s' and migrate again",
			       disk->images[0].path, disk->image_count - 1,
			       recorded->images[0].path ? recorded->images[0].path : "nothing",
			       recorded->image_count - 1, facts->name);
	for (size_t i = 0; i < disk->image_count; i++) {
		const struct gate_image *image = &disk->images[i];
		if (image->virtual_bytes != recorded->images[i].bytes)
			return refuse_size(facts, image->path, image->virtual_bytes,
					   recorded->images[i].bytes, err);
	}
	return 0;
}

static bool is_made_there(const struct gate_disk *disk)
{
	return disk->kind == GATE_DISK_FILE && !disk->unknown && !disk->readonly &&
	       !disk->shareable && disk->image_count > 0 && !disk->images[0].shared;
}

static int check_disk(const struct gate_facts *facts, const struct gate_disk *disk,
		      const struct recorded *all, struct err *err)
{
	const struct recorded_disk *recorded = recorded_find(all, disk->target);

	/* The destination repeats it, unless somebody has made the disk there by hand. */
	if (recorded && recorded->is_problem)
		return 0;
	if (disk->kind == GATE_DISK_BLOCK && disk->has_volume && recorded && recorded->is_volume) {
		uint64_t bytes = recorded->images[0].bytes;
		return bytes && bytes != disk->device_bytes
			       ? refuse_size(facts, disk->path, disk->device_bytes, bytes, err)
			       : 0;
	}
	if (!is_made_there(disk))
		return 0;
	if (!recorded || recorded->is_volume)
		return err_set(err, ESTALE,
			       "the guest's manifest doesn't know '%s' (attached since?); run "
			       "'berth sync %s' and migrate again",
			       disk->images[0].path, facts->name);
	return check_chain(facts, disk, recorded, err);
}

int gate_check_manifest(const struct strbuf *status, const struct running_domain *domain,
			const struct gate_facts *facts, struct err *err)
{
	cleanup_recorded struct recorded recorded = {0};

	/* Without a manifest, or with one that isn't understood, the destination says what is
	 * wrong. */
	if (!goes_out(status, domain) ||
	    !recorded_parse(status->text + domain->xml_begin, domain->xml_end - domain->xml_begin,
			    &recorded))
		return 0;
	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct gate_disk *disk = &facts->disks[i];
		if (check_disk(facts, disk, &recorded, err) < 0)
			return err_wrap(err, "disk '%s'", disk->target);
	}
	return 0;
}
