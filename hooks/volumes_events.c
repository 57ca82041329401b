/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's volumes at libvirt's events, where no migration brings them.
 *
 * `prepare begin` of an ordinary start attaches what the guest has by its record or by the names in
 * its definition. `stopped end` notes whether it has left; `release end` takes away what nobody
 * uses any more. What has to stay is noted as such: `berth reap` takes it away, and the next event
 * of any guest runs that.
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/parallel.h"
#include "hooks/volumes/guest_volume.h"

/* One disk whose volume is to be attached. */
struct start {
	const struct volume_guest *guest;
	const struct domain_disk *disk;
	const char *path;
	const char *wait_for;
	char *usual_name;
	struct volume volume;
};

static struct volume_guest guest_of(const struct call *call)
{
	struct volume_guest guest = {
		.site = call->site,
		.config = call->config,
		.uuid = call->domain->uuid,
		.name = call->domain->name,
	};

	volume_guest_start_clock(&guest);
	return guest;
}

/* --- prepare begin --- */

/*
 * A name such as /dev/sdb may lead elsewhere than last time. Whether the volume itself is the right
 * one is proved already.
 */
static int check_name(const struct start *start, struct err *err)
{
	cleanup_volume struct volume there = {0};

	if (start->wait_for == start->path)
		return 0;
	int rc = volume_of_device(start->path, &there, err);
	if (rc > 0 && volume_is_same(&there, &start->volume))
		return 0;
	return err_set(err, ENODEV,
		       "'%s' is another device than last time; write '%s' into the guest's "
		       "definition",
		       start->path, start->wait_for);
}

static int explain_other_device(const struct start *start, int rc, struct err *err)
{
	const struct err why = *err;

	if (rc != -EMEDIUMTYPE)
		return rc;
	return err_set(err, EMEDIUMTYPE, "%.1500s; if that is right, run 'berth reap --forget %s'",
		       why.text, start->guest->name);
}

static int run_start(void *argument, struct err *err)
{
	const struct start *start = argument;

	int rc = guest_volume_attach(start->guest, start->disk->target, start->path,
				     start->wait_for, &start->volume, err);
	if (rc == 0)
		rc = check_name(start, err);
	else
		rc = explain_other_device(start, rc, err);
	return rc < 0 ? err_wrap(err, "disk '%s'", start->disk->target) : 0;
}

/* A volume may have grown while the guest was stopped; by its name it is still the same. */
static void accept_growth(struct volume *volume)
{
	if (volume->wwn || volume->serial)
		volume->size_bytes = 0;
}

/*
 * What this host may not attach is the administrator's business, unless berth has attached it
 * before.
 *
 * Return: 1: to be attached; 0: not ours; or a negative errno.
 */
static int judge(const struct start *start, bool recorded, struct err *err)
{
	cleanup_free char *state = NULL;
	struct volume_host host;

	int rc = volume_guest_host(start->guest, &host, &state, err);
	if (rc == 0)
		rc = volume_check(&start->volume, &host, err);
	if (rc == 0)
		return 1;
	if (file_exists(start->path) || (rc == -EPERM && !recorded))
		return 0;
	volume_describe_error(&start->volume, err);
	return err_wrap(err, "disk '%s'", start->disk->target);
}

static int find_start(const struct volume_guest *guest, const struct domain *domain, size_t index,
		      const struct volume_record *record, struct start *ret, struct err *err)
{
	const struct domain_disk *disk = &domain->disks[index];
	struct start start = {.guest = guest, .disk = disk};

	if (volume_wanted(domain, disk, record, &start.volume) == 0)
		return 0;
	accept_growth(&start.volume);
	start.path = domain->places[disk->place].value;
	start.usual_name = volume_stable_name(&start.volume);
	start.wait_for =
		volume_name_is_stable(start.path, &start.volume) ? start.path : start.usual_name;
	int rc = path_is_clean(start.path)
			 ? judge(&start, volume_record_find(record, disk->target), err)
			 : 0;
	if (rc <= 0) {
		volume_clear(&start.volume);
		free(start.usual_name);
		return rc;
	}
	*ret = start;
	return 1;
}

/* The guest does not start, so it needs none of them. */
static void take_back(const struct volume_guest *guest, const struct start *starts, size_t count)
{
	cleanup_volume_record struct volume_record *record = NULL;
	struct volume_guest again = *guest;
	struct err err;

	cleanup_close int lock = volume_record_open(guest->site, guest->uuid, &record, &err);
	for (size_t i = 0; lock >= 0 && i < count; i++) {
		struct known_volume *known = volume_record_find(record, starts[i].disk->target);
		if (known && known->state == VOLUME_ATTACHED)
			volume_record_set_state(known, VOLUME_RELEASING);
	}
	int rc = lock < 0 ? lock : volume_record_save(guest->site, record, &err);
	if (lock >= 0)
		close(steal_fd(lock));
	volume_guest_start_clock(&again);
	if (rc == 0)
		rc = guest_volumes_release(&again, &err);
	if (rc < 0)
		log_problem("%s: %s", guest->name, err.text);
}

static int attach_all(const struct volume_guest *guest, struct start *starts, size_t count,
		      struct err *err)
{
	struct parallel_job *jobs = xcalloc(count, sizeof(*jobs));

	for (size_t i = 0; i < count; i++)
		jobs[i] = (struct parallel_job){.run = run_start, .argument = &starts[i]};
	int rc = parallel_run(jobs, count, guest->deadline_ms + VOLUME_GRACE_MS, err);
	free(jobs);
	if (rc < 0) {
		take_back(guest, starts, count);
		return rc;
	}
	for (size_t i = 0; i < count; i++) {
		cleanup_strbuf struct strbuf what = {0};
		volume_describe(&starts[i].volume, &what);
		log_note("%s: disk '%s': attached %s", guest->name, starts[i].disk->target,
			 what.text);
	}
	return 0;
}

int volumes_start(const struct call *call, struct err *err)
{
	const struct domain *domain = call->domain;
	cleanup_volume_record struct volume_record *record = NULL;
	struct volume_guest guest = guest_of(call);
	size_t count = 0;

	if (!call->config)
		return 0;
	int rc = volume_record_load(call->site, domain->uuid, &record, err);
	if (rc < 0)
		return rc;
	struct start *starts = xcalloc(domain->disk_count, sizeof(*starts));
	for (size_t i = 0; i < domain->disk_count && rc >= 0; i++) {
		rc = find_start(&guest, domain, i, record, &starts[count], err);
		count += rc > 0;
	}
	if (rc >= 0 && count > 0)
		rc = attach_all(&guest, starts, count, err);
	for (size_t i = 0; i < count; i++) {
		volume_clear(&starts[i].volume);
		free(starts[i].usual_name);
	}
	free(starts);
	return rc < 0 ? rc : 0;
}

/*
 * A guest that comes without berth's metadata looks like one that starts here, when `prepare begin`
 * comes. Nobody has fenced its volumes then, so berth must not be the one who attaches them.
 */
int volumes_refuse_unmanaged(const struct call *call, struct err *err)
{
	const struct domain *domain = call->domain;
	cleanup_volume_record struct volume_record *record = NULL;
	struct volume_guest guest = guest_of(call);
	cleanup_free char *state = NULL;
	struct volume_host host;

	int rc = volume_record_load(call->site, domain->uuid, &record, err);
	if (rc == 0)
		rc = volume_guest_host(&guest, &host, &state, err);
	for (size_t i = 0; i < domain->disk_count && rc == 0; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		cleanup_volume struct volume volume = {0};
		struct err not_allowed;
		if (volume_wanted(domain, disk, record, &volume) == 0 ||
		    file_exists(domain->places[disk->place].value) ||
		    volume_check(&volume, &host, &not_allowed) < 0)
			continue;
		err_set(err, ENOENT,
			"'%s' is a volume that is not on this host, and the guest brings no "
			"manifest; run 'berth sync %s' on the source host, or attach it here",
			domain->places[disk->place].value, domain->name);
		rc = err_wrap(err, "disk '%s'", disk->target);
	}
	return rc;
}

/* --- stopped end, release end --- */

int volumes_stopped(const struct call *call, bool left, struct err *err)
{
	int rc = left ? volume_record_change(call->site, call->domain->uuid, VOLUME_ATTACHED,
					     VOLUME_LEAVING, err)
		      : 0;

	return rc < 0 ? rc : 0;
}

/* From libvirt 10.5 on it says how the guest has ended, and overrules what `stopped` has noted. */
static int note_end(const struct call *call, struct err *err)
{
	const char *uuid = call->domain->uuid;
	bool told = strcmp(call->extra, "-") != 0, left = strcmp(call->extra, "migrated") == 0;
	int rc = 0;

	if (told && !left)
		rc = volume_record_change(call->site, uuid, VOLUME_LEAVING, VOLUME_RELEASING, err);
	if (rc >= 0)
		rc = volume_record_change(call->site, uuid, VOLUME_ATTACHED,
					  left ? VOLUME_LEAVING : VOLUME_RELEASING, err);
	return rc;
}

int volumes_release(const struct call *call, struct err *err)
{
	struct volume_guest guest = guest_of(call);

	int rc = note_end(call, err);
	if (rc >= 0)
		rc = guest_volumes_release(&guest, err);
	return rc < 0 ? rc : 0;
}
