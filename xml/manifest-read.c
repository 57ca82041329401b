/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the manifest by the rules of packaging/schemas/state.rng; a test holds both together. */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "xml/manifest-value.h"
#include "xml/view.h"

#define HEX_DIGITS DIGITS "abcdef"

#define DIGEST_PREFIX "sha256:"

static bool is_host(const char *value)
{
	return manifest_consists_of(value, LOWER_CASE UPPER_CASE DIGITS "._:-", 1, 253);
}

static bool is_uri(const char *value)
{
	return strlen(value) >= 1 && strlen(value) <= 1024 && !manifest_has_control(value) &&
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
	return manifest_consists_of(value, HEX_DIGITS, 32, 32);
}

static bool is_copy_list(const char *value)
{
	for (size_t count = 1; count <= MANIFEST_MAX_SUPERSEDED; count++) {
		if (strspn(value, HEX_DIGITS) != MANIFEST_COPY_LENGTH)
			return false;
		value += MANIFEST_COPY_LENGTH;
		if (!*value)
			return true;
		if (*value++ != ' ')
			return false;
	}
	return false;
}

static bool is_format(const char *value)
{
	return manifest_consists_of(value, LOWER_CASE DIGITS "-", 1, 32);
}

static bool is_digest(const char *value)
{
	return str_starts(value, DIGEST_PREFIX) &&
	       manifest_consists_of(value + strlen(DIGEST_PREFIX), HEX_DIGITS, 64, 64);
}

static const struct manifest_rule host_rule = {"host", false, is_host, "a host name"};
static const struct manifest_rule uri_rule = {"uri", false, is_uri, "a URI"};
static const struct manifest_rule written_rule = {"written", false, is_time,
						  "a time like 2026-11-24T10:20:00Z"};
static const struct manifest_rule token_rule = {"token", true, is_token,
						"32 lower-case hex digits"};
static const struct manifest_rule format_rule = {"format", false, is_format, "an image format"};
static const struct manifest_rule virtual_rule = {"virtual-bytes", false, manifest_is_size,
						  "a number of bytes"};
static const struct manifest_rule allocated_rule = {"allocated-bytes", false, manifest_is_size,
						    "a number of bytes"};
static const struct manifest_rule inode_rule = {"inode", true, manifest_is_size, "an inode number"};
static const struct manifest_rule digest_rule = {"digest", true, is_digest,
						 "sha256: and 64 lower-case hex digits"};
static const struct manifest_rule readonly_rule = {"readonly", true, manifest_is_flag, "yes or no"};
static const struct manifest_rule copy_rule = {"copy", true, is_token, "32 lower-case hex digits"};
static const struct manifest_rule superseded_rule = {"superseded", true, is_copy_list,
						     "a list of 32 lower-case hex digits each"};

static int read_image(const xmlNode *element, struct manifest_image *image, struct err *err)
{
	int rc = manifest_value(element, &manifest_path_rule, &image->path, err);

	if (rc == 0)
		rc = manifest_value(element, &format_rule, &image->format, err);
	if (rc == 0)
		rc = manifest_size(element, &virtual_rule, &image->virtual_bytes, err);
	if (rc == 0)
		rc = manifest_value(element, &digest_rule, &image->digest, err);
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
		rc = manifest_size(element, &allocated_rule, &disk->allocated_bytes, err);
	if (rc == 0)
		rc = manifest_size(element, &inode_rule, &disk->inode, err);
	if (rc == 0)
		rc = manifest_flag(element, &readonly_rule, &disk->readonly, err);
	if (rc == 0)
		rc = manifest_value(element, &copy_rule, &disk->copy, err);
	if (rc == 0)
		rc = manifest_value(element, &superseded_rule, &disk->superseded, err);
	if (rc == 0)
		rc = read_chain(element, disk, err);
	return rc < 0 ? err_wrap(err, "disk '%s'", disk->target) : 0;
}

static int read_disk(const xmlNode *element, struct manifest *manifest, struct err *err)
{
	char *target;
	int rc = manifest_value(element, &manifest_target_rule, &target, err);

	if (rc < 0)
		return rc;
	rc = manifest_second(manifest, element, target, err);
	manifest->disks =
		view_room(manifest->disks, manifest->disk_count, sizeof(*manifest->disks));
	struct manifest_disk *disk = &manifest->disks[manifest->disk_count++];
	*disk = (struct manifest_disk){.target = target};
	if (rc < 0)
		return rc;
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

static int read_volumes(const xmlNode *state, struct manifest *manifest, struct err *err)
{
	for (const xmlNode *node = state->children; node; node = node->next) {
		if (!tree_is_in(node, "volume", tree_namespace(state)))
			continue;
		int rc = manifest_read_volume(node, manifest, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_problems(const xmlNode *state, struct manifest *manifest, struct err *err)
{
	for (const xmlNode *node = state->children; node; node = node->next) {
		if (!tree_is_in(node, "problem", tree_namespace(state)))
			continue;
		int rc = manifest_read_problem(node, manifest, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int manifest_read(const xmlNode *state, struct manifest **ret, struct err *err)
{
	cleanup_manifest struct manifest *manifest = xcalloc(1, sizeof(*manifest));
	int rc = manifest_value(state, &host_rule, &manifest->host, err);

	if (rc == 0)
		rc = manifest_value(state, &uri_rule, &manifest->uri, err);
	if (rc == 0)
		rc = manifest_value(state, &written_rule, &manifest->written, err);
	if (rc == 0)
		rc = manifest_value(state, &token_rule, &manifest->token, err);
	if (rc == 0)
		rc = read_disks(state, manifest, err);
	if (rc == 0)
		rc = read_volumes(state, manifest, err);
	if (rc == 0)
		rc = read_problems(state, manifest, err);
	if (rc == 0)
		*ret = steal_pointer(manifest);
	return rc;
}
