/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the manifest by the rules of packaging/schemas/state.rng; a test holds both together. */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "xml/view.h"

#define LOWER_CASE "abcdefghijklmnopqrstuvwxyz"
#define UPPER_CASE "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdef"

#define DIGEST_PREFIX "sha256:"

/**
 * struct rule - what one attribute must be
 * @attribute: its name
 * @optional: it may be absent
 * @is_valid: judges its value
 * @wanted: for the message: what it should have been
 */
struct rule {
	const char *attribute;
	bool optional;
	bool (*is_valid)(const char *value);
	const char *wanted;
};

/* From @least to @most of these characters and nothing else. */
static bool consists_of(const char *value, const char *characters, size_t least, size_t most)
{
	size_t length = strlen(value);

	return length >= least && length <= most && strspn(value, characters) == length;
}

static bool has_control(const char *value)
{
	for (const char *c = value; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return true;
	}
	return false;
}

static bool is_host(const char *value)
{
	return consists_of(value, LOWER_CASE UPPER_CASE DIGITS "._:-", 1, 253);
}

static bool is_uri(const char *value)
{
	return strlen(value) >= 1 && strlen(value) <= 1024 && !has_control(value) &&
	       !strchr(value, ' ');
}

static bool is_time(const char *value)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	for (size_t i = 0; i < sizeof(form); i++) {
		bool fits =
			form[i] == '0' ? value[i] >= '0' && value[i] <= '9' : value[i] == form[i];
		if (!fits)
			return false;
	}
	return true;
}

static bool is_token(const char *value)
{
	return consists_of(value, HEX_DIGITS, 32, 32);
}

static bool is_target(const char *value)
{
	return consists_of(value, LOWER_CASE UPPER_CASE DIGITS "_:.-", 1, 64);
}

static bool is_path(const char *value)
{
	return value[0] == '/' && strlen(value) < 4096 && !has_control(value);
}

static bool is_format(const char *value)
{
	return consists_of(value, LOWER_CASE DIGITS "-", 1, 32);
}

/* Nineteen digits always fit in 64 bits, and are more than a file can have. */
static bool is_size(const char *value)
{
	return consists_of(value, DIGITS, 1, 19);
}

static bool is_digest(const char *value)
{
	return str_starts(value, DIGEST_PREFIX) &&
	       consists_of(value + strlen(DIGEST_PREFIX), HEX_DIGITS, 64, 64);
}

static bool is_yes_or_no(const char *value)
{
	return str_equal(value, "yes") || str_equal(value, "no");
}

static const struct rule host_rule = {"host", false, is_host, "a host name"};
static const struct rule uri_rule = {"uri", false, is_uri, "a URI"};
static const struct rule written_rule = {"written", false, is_time,
					 "a time like 2026-11-24T10:20:00Z"};
static const struct rule token_rule = {"token", true, is_token, "32 lower-case hex digits"};
static const struct rule target_rule = {"target", false, is_target, "a device name"};
static const struct rule path_rule = {"path", false, is_path, "an absolute path"};
static const struct rule format_rule = {"format", false, is_format, "an image format"};
static const struct rule virtual_rule = {"virtual-bytes", false, is_size, "a number of bytes"};
static const struct rule allocated_rule = {"allocated-bytes", false, is_size, "a number of bytes"};
static const struct rule inode_rule = {"inode", true, is_size, "an inode number"};
static const struct rule digest_rule = {"digest", true, is_digest,
					"sha256: and 64 lower-case hex digits"};
static const struct rule readonly_rule = {"readonly", true, is_yes_or_no, "yes or no"};

/* *ret is the value, which the caller frees, or NULL where it is absent and may be. */
static int read_value(const xmlNode *element, const struct rule *rule, char **ret, struct err *err)
{
	cleanup_free char *value = tree_attribute(element, rule->attribute);

	if (!value && !rule->optional)
		return err_set(err, EINVAL, "line %ld: <%s> without %s=", tree_line(element),
			       (const char *)element->name, rule->attribute);
	if (value && !rule->is_valid(value))
		return err_set(err, EINVAL, "line %ld: <%s> %s='%.200s' is not %s",
			       tree_line(element), (const char *)element->name, rule->attribute,
			       value, rule->wanted);
	*ret = steal_pointer(value);
	return 0;
}

static int read_size(const xmlNode *element, const struct rule *rule, uint64_t *ret,
		     struct err *err)
{
	cleanup_free char *text = NULL;
	unsigned long long bytes = 0;
	int rc = read_value(element, rule, &text, err);

	if (rc < 0)
		return rc;
	if (text)
		str_to_u64(text, &bytes);
	*ret = bytes;
	return 0;
}

static int read_flag(const xmlNode *element, const struct rule *rule, bool *ret, struct err *err)
{
	cleanup_free char *text = NULL;
	int rc = read_value(element, rule, &text, err);

	if (rc < 0)
		return rc;
	*ret = str_equal(text, "yes");
	return 0;
}

static int read_image(const xmlNode *element, struct manifest_image *image, struct err *err)
{
	int rc = read_value(element, &path_rule, &image->path, err);

	if (rc == 0)
		rc = read_value(element, &format_rule, &image->format, err);
	if (rc == 0)
		rc = read_size(element, &virtual_rule, &image->virtual_bytes, err);
	if (rc == 0)
		rc = read_value(element, &digest_rule, &image->digest, err);
	return rc;
}

static int read_backing(const xmlNode *element, struct manifest_disk *disk, struct err *err)
{
	if (disk->backing_count == MANIFEST_MAX_BACKING)
		return err_set(err, EINVAL, "line %ld: more than %d <backing>", tree_line(element),
			       MANIFEST_MAX_BACKING);
	disk->backing = view_room(disk->backing, disk->backing_count, sizeof(*disk->backing));
	struct manifest_image *image = &disk->backing[disk->backing_count++];
	*image = (struct manifest_image){0};
	return read_image(element, image, err);
}

static int read_chain(const xmlNode *element, struct manifest_disk *disk, struct err *err)
{
	for (const xmlNode *node = element->children; node; node = node->next) {
		if (!tree_is_in(node, "backing", tree_namespace(element)))
			continue;
		int rc = read_backing(node, disk, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_disk_values(const xmlNode *element, struct manifest_disk *disk, struct err *err)
{
	int rc = read_image(element, &disk->image, err);

	if (rc == 0)
		rc = read_size(element, &allocated_rule, &disk->allocated_bytes, err);
	if (rc == 0)
		rc = read_size(element, &inode_rule, &disk->inode, err);
	if (rc == 0)
		rc = read_flag(element, &readonly_rule, &disk->readonly, err);
	if (rc == 0)
		rc = read_chain(element, disk, err);
	return rc < 0 ? err_wrap(err, "disk '%s'", disk->target) : 0;
}

static int read_disk(const xmlNode *element, struct manifest *manifest, struct err *err)
{
	char *target;
	int rc = read_value(element, &target_rule, &target, err);

	if (rc < 0)
		return rc;
	bool is_known = manifest_find_disk(manifest, target);
	manifest->disks =
		view_room(manifest->disks, manifest->disk_count, sizeof(*manifest->disks));
	struct manifest_disk *disk = &manifest->disks[manifest->disk_count++];
	*disk = (struct manifest_disk){.target = target};
	if (is_known)
		return err_set(err, EINVAL, "line %ld: a second <disk> target='%s'",
			       tree_line(element), target);
	if (manifest->disk_count > MANIFEST_MAX_DISKS)
		return err_set(err, EINVAL, "line %ld: more than %d <disk>", tree_line(element),
			       MANIFEST_MAX_DISKS);
	return read_disk_values(element, disk, err);
}

static int read_disks(const xmlNode *state, struct manifest *manifest, struct err *err)
{
	for (const xmlNode *node = state->children; node; node = node->next) {
		if (!tree_is_in(node, "disk", tree_namespace(state)))
			continue;
		int rc = read_disk(node, manifest, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int manifest_read(const xmlNode *state, struct manifest **ret, struct err *err)
{
	cleanup_manifest struct manifest *manifest = xcalloc(1, sizeof(*manifest));
	int rc = read_value(state, &host_rule, &manifest->host, err);

	if (rc == 0)
		rc = read_value(state, &uri_rule, &manifest->uri, err);
	if (rc == 0)
		rc = read_value(state, &written_rule, &manifest->written, err);
	if (rc == 0)
		rc = read_value(state, &token_rule, &manifest->token, err);
	if (rc == 0)
		rc = read_disks(state, manifest, err);
	if (rc == 0)
		*ret = steal_pointer(manifest);
	return rc;
}
