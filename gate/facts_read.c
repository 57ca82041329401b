/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's facts, read from the text of another host: one function a keyword. */
#include "gate/text.h"

#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "hooks/records/volume_fields.h"

#define MAX_TEXT 4096

/* Takes a text over where the key is there. Return: false where it is too long, or not there
 * although it is @needed. */
static bool take_text(const struct fields *line, const char *key, bool needed, char **ret)
{
	const char *value = field(line, key);

	if (value && strlen(value) < MAX_TEXT && *value)
		*ret = xstrdup(value);
	return value ? *ret != NULL : !needed;
}

static bool take_bool(const struct fields *line, const char *key, bool *ret)
{
	uint64_t value;

	if (!field_u64(line, key, &value) || value > 1)
		return false;
	*ret = value;
	return true;
}

/* Return: the index of the key's value among @names, or -1. */
static int take_name(const struct fields *line, const char *key, const char *const *names,
		     size_t count)
{
	const char *value = field(line, key);

	for (size_t i = 0; value && i < count; i++) {
		if (strcmp(names[i], value) == 0)
			return (int)i;
	}
	return -1;
}

static bool take_digest(const struct fields *line, char ret[static DIGEST_TEXT_MAX])
{
	static const char prefix[] = "sha256:";
	const char *value = field(line, "digest");

	if (!value || strlen(value) != DIGEST_TEXT_MAX - 1 || !str_starts(value, prefix) ||
	    strspn(value + strlen(prefix), "0123456789abcdef") !=
		    DIGEST_TEXT_MAX - 1 - strlen(prefix))
		return false;
	strcpy(ret, value);
	return true;
}

/* A disk without a slice has no such fields, nor has any disk of an older berth. */
static bool take_slice(const struct fields *line, struct gate_disk *disk)
{
	if (!field(line, "slice-bytes") && !field(line, "slice-offset"))
		return true;
	return field_u64(line, "slice-offset", &disk->slice_offset) &&
	       field_u64(line, "slice-bytes", &disk->slice_bytes) && disk->slice_bytes;
}

/* --- one function a keyword --- */

static bool read_disk(struct gate_facts *facts, const struct fields *line)
{
	if (facts->disk_count == GATE_MAX_DISKS)
		return false;
	struct gate_disk *disk = gate_facts_add_disk(facts);
	int kind = take_name(line, "kind", gate_kind_names, GATE_DISK_KINDS);

	if (kind < 0 || !take_text(line, "target", true, &disk->target))
		return false;
	disk->kind = (enum gate_disk_kind)kind;
	return take_text(line, "path", false, &disk->path) &&
	       take_text(line, "format", false, &disk->format) &&
	       take_text(line, "unknown", false, &disk->unknown) &&
	       take_bool(line, "readonly", &disk->readonly) &&
	       take_bool(line, "shareable", &disk->shareable) &&
	       field_u64(line, "device-bytes", &disk->device_bytes) && take_slice(line, disk) &&
	       gate_facts_find_disk(facts, disk->target) == disk;
}

static bool read_image(struct gate_facts *facts, const struct fields *line)
{
	struct gate_disk *disk = facts->disk_count ? &facts->disks[facts->disk_count - 1] : NULL;

	if (!disk || disk->kind != GATE_DISK_FILE || disk->image_count == IMAGE_CHAIN_MAX)
		return false;
	struct gate_image *image = gate_disk_add_image(disk);
	int memory = take_name(line, "memory", gate_memory_names, ARRAY_SIZE(gate_memory_names));
	int data = take_name(line, "data", gate_data_names, ARRAY_SIZE(gate_data_names));
	if (memory < 0 || data < 0)
		return false;
	image->memory = (enum digest_memory)memory;
	image->data = (enum image_data)data;
	return take_text(line, "path", true, &image->path) &&
	       take_text(line, "format", true, &image->format) &&
	       field_u64(line, "virtual-bytes", &image->virtual_bytes) &&
	       field_u64(line, "allocated-bytes", &image->allocated_bytes) &&
	       field_u64(line, "file-bytes", &image->file_bytes) &&
	       field_u64(line, "inode", &image->inode) &&
	       take_bool(line, "shared", &image->shared) &&
	       (image->memory != DIGEST_HOLDS || take_digest(line, image->digest));
}

static bool read_volume(struct gate_facts *facts, const struct fields *line)
{
	struct gate_disk *disk = facts->disk_count ? &facts->disks[facts->disk_count - 1] : NULL;

	if (!disk || disk->kind != GATE_DISK_BLOCK || disk->has_volume)
		return false;
	disk->has_volume = volume_fields_get(line, &disk->volume) == 0;
	return disk->has_volume;
}

static int take_mode(const struct fields *line, const char *key)
{
	const char *value = field(line, key);

	for (int i = 0; value && i < GATE_MODES; i++) {
		if (strcmp(gate_mode_name((enum gate_mode)i), value) == 0)
			return i;
	}
	return -1;
}

static bool read_port(struct gate_facts *facts, const struct fields *line)
{
	/* An older berth has other words for these: see facts_write.c. */
	bool is_older = !field(line, "enforces");
	int mode = take_mode(line, is_older ? "mode" : "enforces");
	uint64_t vlan = 0, foreign = 0;
	struct mac mac;

	if (facts->port_count == GATE_MAX_PORTS || mode < 0)
		return false;
	struct gate_port *port = gate_facts_add_port(facts);
	if (!take_text(line, "mac", true, &port->mac) || !mac_parse(port->mac, &mac) ||
	    !field_u64(line, "vlan", &vlan) || vlan > 4094 ||
	    !field_u64(line, is_older ? "foreign" : "others", &foreign))
		return false;
	port->mode = (enum gate_mode)mode;
	port->vlan = (uint16_t)vlan;
	port->foreign = foreign;
	return take_bool(line, "in-policy", &port->in_policy) &&
	       (port->mode == GATE_PORT_OPEN || take_digest(line, port->digest)) &&
	       gate_facts_find_port(facts, port->mac) == port;
}

/* The rules of an older berth. No rule of another host comes into this host's kernel, so they are
 * ignored. */
static bool pass_over_rules(struct gate_facts *facts, const struct fields *line)
{
	return facts->port_count > 0 && line->count == 1;
}

static const struct keyword {
	const char *word;
	bool (*read)(struct gate_facts *facts, const struct fields *line);
} keywords[] = {
	{"disk", read_disk}, {"image", read_image},      {"volume", read_volume},
	{"port", read_port}, {"rules", pass_over_rules},
};

/* --- the text as a whole --- */

static int read_head(struct gate_facts *facts, char *text, struct err *err)
{
	struct fields line;

	fields_split(&line, text);
	if (strcmp(line.word, GATE_FORMAT_WORD) != 0)
		return err_set(err, EBADMSG, "they are no facts of berth's gate");
	if (line.count == 0 || strcmp(line.items[0], GATE_FORMAT_VERSION) != 0)
		return err_set(err, EPROTONOSUPPORT,
			       "they are of version '%.32s', this host knows version "
			       "" GATE_FORMAT_VERSION "; install the same berth on both hosts",
			       line.count ? line.items[0] : "");
	if (!take_text(&line, "host", true, &facts->host) ||
	    !take_text(&line, "boot", true, &facts->boot) ||
	    !take_text(&line, "name", true, &facts->name) ||
	    !take_text(&line, "uuid", true, &facts->uuid) ||
	    !field_u64(&line, "time", &facts->seconds) ||
	    !take_bool(&line, "managed", &facts->managed))
		return err_set(err, EBADMSG, "line 1 is not understood");
	return 0;
}

/* Return: 1: the last line; 0: another; -EBADMSG. */
static int read_line(struct gate_facts *facts, char *text)
{
	struct fields line;

	for (const char *c = text; *c; c++) {
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return -EBADMSG;
	}
	fields_split(&line, text);
	if (strcmp(line.word, "end") == 0)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (strcmp(keywords[i].word, line.word) == 0)
			return keywords[i].read(facts, &line) ? 0 : -EBADMSG;
	}
	return -EBADMSG;
}

static int read_lines(struct gate_facts *facts, char *text, size_t length, struct err *err)
{
	char *text_end = text + length, *end;
	int number = 0;

	for (char *line = text; (end = memchr(line, '\n', (size_t)(text_end - line)));
	     line = end + 1) {
		*end = '\0';
		number++;
		if (strlen(line) != (size_t)(end - line))
			return err_set(err, EBADMSG, "line %d is not understood", number);
		int rc = number == 1 ? read_head(facts, line, err) : read_line(facts, line);
		if (rc > 0 && end + 1 == text_end)
			return 0;
		if (number == 1 && rc < 0)
			return rc;
		if (rc != 0)
			return err_set(err, EBADMSG, "line %d is not understood", number);
	}
	return err_set(err, EBADMSG, "their end is missing");
}

int gate_facts_parse(char *text, size_t length, struct gate_facts *ret, struct err *err)
{
	cleanup_gate_facts struct gate_facts facts = {0};

	if (length > GATE_MAX_BYTES)
		return err_set(err, EFBIG, "they are longer than %zu bytes", GATE_MAX_BYTES);
	int rc = read_lines(&facts, text, length, err);
	if (rc < 0)
		return rc;
	*ret = facts;
	facts = (struct gate_facts){0};
	return 0;
}
