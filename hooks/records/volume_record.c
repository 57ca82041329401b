/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The volume record: what is in it, and who has what. */
#include "hooks/records/volume_record.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "hooks/records/fields.h"
#include "hooks/records/guest_record.h"
#include "hooks/records/unread.h"
#include "hooks/records/volume_fields.h"

static const char *const state_names[] = {
	[VOLUME_ATTACHED] = "attached",
	[VOLUME_RELEASING] = "releasing",
	[VOLUME_LEAVING] = "leaving",
	[VOLUME_DETACHED] = "detached",
};
_Static_assert(ARRAY_SIZE(state_names) == VOLUME_STATES, "each state has a name");

const char *volume_state_name(enum volume_state state)
{
	return state_names[state];
}

bool known_volume_is_pending(const struct known_volume *known)
{
	return known->state == VOLUME_RELEASING || known->state == VOLUME_LEAVING;
}

static void known_clear(struct known_volume *known)
{
	free(known->target);
	free(known->path);
	free(known->path_before);
	volume_clear(&known->volume);
}

void volume_record_freep(struct volume_record **record)
{
	if (!*record)
		return;
	for (size_t i = 0; i < (*record)->count; i++)
		known_clear(&(*record)->volumes[i]);
	free((*record)->volumes);
	free((*record)->uuid);
	free((*record)->name);
	free(*record);
	*record = NULL;
}

/* --- in memory --- */

struct known_volume *volume_record_find(const struct volume_record *record, const char *target)
{
	for (size_t i = 0; i < record->count; i++) {
		if (strcmp(record->volumes[i].target, target) == 0)
			return &record->volumes[i];
	}
	return NULL;
}

static char *path_before(const struct known_volume *known, const struct volume *volume,
			 enum volume_state state)
{
	if (!known || state != VOLUME_ATTACHED || !volume_is_same(&known->volume, volume))
		return NULL;
	if (known->state == VOLUME_DETACHED || known->state == VOLUME_RELEASING)
		return xstrdup(known->path);
	return known->state == VOLUME_ATTACHED ? xstrdup(known->path_before) : NULL;
}

void volume_record_note(struct volume_record *record, const char *target, const char *path,
			const struct volume *volume, enum volume_state state)
{
	struct known_volume *known = volume_record_find(record, target);
	struct known_volume fresh = {
		.target = xstrdup(target),
		.path = xstrdup(path),
		.volume = volume_copy(volume),
		.state = state,
		.since = time(NULL),
		.path_before = path_before(known, volume, state),
	};

	if (known) {
		known_clear(known);
	} else {
		record->volumes =
			xreallocarray(record->volumes, record->count + 1, sizeof(*record->volumes));
		known = &record->volumes[record->count++];
	}
	*known = fresh;
}

void volume_record_set_state(struct known_volume *known, enum volume_state state)
{
	known->state = state;
	known->since = time(NULL);
}

void volume_record_drop(struct volume_record *record, const char *target)
{
	struct known_volume *known = volume_record_find(record, target);

	if (!known)
		return;
	known_clear(known);
	size_t behind = record->count - (size_t)(known - record->volumes) - 1;
	memmove(known, known + 1, behind * sizeof(*known));
	record->count--;
}

void volume_record_take_back(struct volume_record *record, const char *target)
{
	struct known_volume *known = volume_record_find(record, target);

	if (known && known->path_before) {
		free(known->path);
		known->path = steal_pointer(known->path_before);
		if (known->state == VOLUME_ATTACHED)
			volume_record_set_state(known, VOLUME_RELEASING);
	} else if (known && known->state == VOLUME_DETACHED) {
		volume_record_drop(record, target);
	} else if (known) {
		volume_record_set_state(known, VOLUME_LEAVING);
	}
}

/* --- on disk --- */

static int read_state(const char *name)
{
	for (size_t i = 0; name && i < VOLUME_STATES; i++) {
		if (strcmp(state_names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

static int read_volume(void *into, const struct fields *line)
{
	struct volume_record *record = into;
	int state = read_state(field(line, "state"));
	cleanup_volume struct volume volume = {0};
	uint64_t since;

	if (state < 0 || !field(line, "target") || !field(line, "path") ||
	    !field_u64(line, "since", &since) || volume_fields_get(line, &volume) < 0)
		return -EBADMSG;
	volume_record_note(record, field(line, "target"), field(line, "path"), &volume,
			   (enum volume_state)state);
	struct known_volume *known = volume_record_find(record, field(line, "target"));
	known->since = (time_t)since;
	free(known->path_before);
	known->path_before = xstrdup(field(line, "path-before"));
	return 0;
}

static const struct guest_record_form form = {
	.folder = "volumes",
	.format_line = "berth-volumes\t1",
	.item = "volume",
	.max_bytes = 16 << 20,
	.read_item = read_volume,
};

int volume_record_load(const struct site *site, const char *uuid, struct volume_record **ret,
		       struct err *err)
{
	cleanup_volume_record struct volume_record *record = xcalloc(1, sizeof(*record));

	record->uuid = xstrdup(uuid);
	int rc = guest_record_read(&form, site, uuid, &record->name, record, err);
	if (rc < 0)
		return rc;
	*ret = steal_pointer(record);
	return 0;
}

int volume_record_open(const struct site *site, const char *uuid, struct volume_record **ret,
		       struct err *err)
{
	cleanup_close int lock = site_lock_record(site, form.folder, uuid, err);

	if (lock < 0)
		return lock;
	int rc = volume_record_load(site, uuid, ret, err);
	return rc < 0 ? rc : steal_fd(lock);
}

int volume_record_save(const struct site *site, const struct volume_record *record, struct err *err)
{
	cleanup_strbuf struct strbuf items = {0};

	for (size_t i = 0; i < record->count; i++) {
		const struct known_volume *known = &record->volumes[i];
		strbuf_puts(&items, form.item);
		field_put(&items, "target", known->target);
		field_put(&items, "path", known->path);
		field_put(&items, "path-before", known->path_before);
		field_put(&items, "state", state_names[known->state]);
		field_put_u64(&items, "since", (uint64_t)known->since);
		volume_fields_put(&items, &known->volume);
		strbuf_puts(&items, "\n");
	}
	return guest_record_write(&form, site, record->uuid, record->name, &items, err);
}

int volume_record_change(const struct site *site, const char *uuid, enum volume_state from,
			 enum volume_state to, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	cleanup_close int lock = volume_record_open(site, uuid, &record, err);
	int changed = 0;

	if (lock < 0)
		return lock;
	for (size_t i = 0; i < record->count; i++) {
		if (record->volumes[i].state != from)
			continue;
		volume_record_set_state(&record->volumes[i], to);
		changed++;
	}
	int rc = changed ? volume_record_save(site, record, err) : 0;
	return rc < 0 ? rc : changed;
}

int volume_record_list(const struct site *site, char ***ret, size_t *ret_count, struct err *err)
{
	return site_list_uuids(site, form.folder, ret, ret_count, err);
}

static bool has_volume(const struct volume_record *record, const struct volume *volume,
		       const char *but_target)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct known_volume *known = &record->volumes[i];
		if (known->state == VOLUME_ATTACHED && volume_is_same(&known->volume, volume) &&
		    !str_equal(known->target, but_target))
			return true;
	}
	return false;
}

/* Whether a record that can't be read may say so; see hooks/records/unread.c. */
static bool may_have_volume(const struct site *site, const char *uuid, const struct volume *volume)
{
	cleanup_unread struct unread unread = {0};

	unread_look(site, form.folder, uuid, &unread);
	if (volume->kind == VOLUME_ISCSI)
		return unread_has_value(&unread, "iqn", volume->iqn);
	cleanup_free char *shelf = xasprintf("%u", volume->shelf);
	cleanup_free char *slot = xasprintf("%u", volume->slot);
	return unread_has_value(&unread, "shelf", shelf) && unread_has_value(&unread, "slot", slot);
}

static bool is_user(const struct site *site, const struct volume *volume, const char *uuid,
		    const char *but_target, char **ret)
{
	cleanup_volume_record struct volume_record *record = NULL;
	struct err err;

	if (volume_record_load(site, uuid, &record, &err) < 0) {
		bool may_have = may_have_volume(site, uuid, volume);
		log_problem("%s; %s", err.text,
			    may_have ? "a volume that it may name stays" : "passed over");
		if (may_have)
			*ret = xstrdup(uuid);
		return may_have;
	}
	if (!has_volume(record, volume, but_target))
		return false;
	*ret = xstrdup(record->name ? record->name : uuid);
	return true;
}

int volume_record_user(const struct site *site, const struct volume *volume, const char *uuid,
		       const char *target, char **ret, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;
	bool found = false;

	int rc = volume_record_list(site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc == 0 && !found; i++)
		found = is_user(site, volume, uuids[i], strcmp(uuids[i], uuid) == 0 ? target : NULL,
				ret);
	site_free_uuids(uuids, count);
	return rc < 0 ? rc : found;
}
