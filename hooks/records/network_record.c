/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network record: one file for the whole host.
 *
 * Invariant: a VLAN is in the file before it is put on an uplink, and is taken out after it has
 * been taken away; so a killed berth leaves at most an entry too many, and the next sweep sees to
 * it.
 */
#include "hooks/records/network_record.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "base/boot_id.h"
#include "hooks/records/fields.h"

#define FORMAT_LINE "berth-network\t1"
#define RECORD_MAX_BYTES (4u << 20)
#define MAX_VLAN 4094
/* From `prepare begin` to a tap libvirt takes moments; who was killed in between claims nothing. */
#define CLAIM_VALID_S 600

static const char *const kind_names[] = {
	[NETWORK_TRUNK] = "trunk",
	[NETWORK_BRIDGE] = "bridge",
	[NETWORK_CLAIM] = "claim",
};
_Static_assert(ARRAY_SIZE(kind_names) == NETWORK_KINDS, "each kind has its name");

static char *record_path(const struct site *site)
{
	return xasprintf("%s/network", site->state);
}

void network_record_add(struct network_record *record, const struct network_entry *entry)
{
	for (size_t i = 0; i < record->count; i++) {
		struct network_entry *have = &record->entries[i];
		if (have->kind == entry->kind && have->vlan == entry->vlan &&
		    str_equal(have->uplink, entry->uplink) && str_equal(have->uuid, entry->uuid)) {
			have->since = entry->since;
			return;
		}
	}
	record->entries =
		xreallocarray(record->entries, record->count + 1, sizeof(*record->entries));
	struct network_entry *added = &record->entries[record->count++];
	*added = *entry;
	added->uplink = xstrdup(entry->uplink);
	added->uuid = xstrdup(entry->uuid);
}

void network_record_drop(struct network_record *record, size_t index)
{
	free(record->entries[index].uplink);
	free(record->entries[index].uuid);
	memmove(&record->entries[index], &record->entries[index + 1],
		(record->count - index - 1) * sizeof(*record->entries));
	record->count--;
}

void network_record_clear(struct network_record *record)
{
	while (record->count > 0)
		network_record_drop(record, record->count - 1);
	free(record->entries);
	*record = (struct network_record){0};
}

void network_record_drop_claims(struct network_record *record, const char *uuid)
{
	time_t now = time(NULL);

	for (size_t i = record->count; i > 0; i--) {
		const struct network_entry *entry = &record->entries[i - 1];
		if (entry->kind == NETWORK_CLAIM &&
		    (str_equal(entry->uuid, uuid) || now - entry->since > CLAIM_VALID_S ||
		     entry->since > now))
			network_record_drop(record, i - 1);
	}
}

/* --- reading --- */

static int read_entry(struct network_record *record, const struct fields *line)
{
	uint64_t vlan = 0, since = 0;

	for (int kind = 0; kind < NETWORK_KINDS; kind++) {
		if (strcmp(line->word, kind_names[kind]) != 0)
			continue;
		struct network_entry entry = {
			.kind = (enum network_kind)kind,
			.uplink = (char *)field(line, "uplink"),
			.uuid = (char *)field(line, "uuid"),
		};
		if (!field_u64(line, "vlan", &vlan) || vlan < 1 || vlan > MAX_VLAN ||
		    (kind == NETWORK_CLAIM ? !entry.uuid || !field_u64(line, "since", &since)
					   : !entry.uplink))
			return -EBADMSG;
		entry.vlan = (uint16_t)vlan;
		entry.since = (time_t)since;
		network_record_add(record, &entry);
		return 0;
	}
	return -EBADMSG;
}

static int read_lines(struct network_record *record, char *text, const char *boot)
{
	struct fields line;
	char *rest = NULL;
	char *first = strtok_r(text, "\n", &rest), *second = strtok_r(NULL, "\n", &rest);

	if (!first || strcmp(first, FORMAT_LINE) != 0 || !second)
		return -EBADMSG;
	fields_split(&line, second);
	if (strcmp(line.word, "boot") != 0 || !field(&line, "id"))
		return -EBADMSG;
	if (strcmp(field(&line, "id"), boot) != 0)
		return 0;
	for (char *next; (next = strtok_r(NULL, "\n", &rest));) {
		fields_split(&line, next);
		if (read_entry(record, &line) < 0)
			return -EBADMSG;
	}
	return 0;
}

static int load(const struct site *site, struct network_record *ret, struct err *err)
{
	cleanup_free char *path = record_path(site);
	cleanup_free char *boot = NULL;
	cleanup_strbuf struct strbuf text = {0};

	int rc = boot_id(&boot, err);
	if (rc < 0)
		return rc;
	rc = file_read(path, RECORD_MAX_BYTES, &text, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	if (read_lines(ret, text.text ? text.text : (char[]){""}, boot) < 0)
		return err_set(err, EBADMSG,
			       "record '%s' is not understood; is it from a newer berth?", path);
	return 0;
}

int network_record_open(const struct site *site, struct network_record *ret, struct err *err)
{
	cleanup_close int lock = site_lock_file(site, "network.lock", err);

	*ret = (struct network_record){0};
	if (lock < 0)
		return lock;
	int rc = load(site, ret, err);
	return rc < 0 ? rc : steal_fd(lock);
}

/* --- writing --- */

int network_record_save(const struct site *site, const struct network_record *record,
			struct err *err)
{
	cleanup_free char *path = record_path(site);
	cleanup_free char *boot = NULL;
	cleanup_strbuf struct strbuf text = {0};

	if (record->count == 0) {
		if (unlink(path) < 0 && errno != ENOENT)
			return err_set(err, errno, "record '%s': remove: %s", path,
				       strerror(errno));
		return 0;
	}
	int rc = boot_id(&boot, err);
	if (rc < 0)
		return rc;
	strbuf_printf(&text, FORMAT_LINE "\nboot\tid=%s\n", boot);
	for (size_t i = 0; i < record->count; i++) {
		const struct network_entry *entry = &record->entries[i];
		strbuf_puts(&text, kind_names[entry->kind]);
		field_put(&text, "uplink", entry->uplink);
		field_put(&text, "uuid", entry->uuid);
		field_put_u64(&text, "vlan", entry->vlan);
		if (entry->kind == NETWORK_CLAIM)
			field_put_u64(&text, "since", (uint64_t)entry->since);
		strbuf_puts(&text, "\n");
	}
	if (fields_check(&text, err) < 0)
		return err_wrap(err, "record '%s'", path);
	return file_replace(path, text.text, text.length, 0600, err);
}
