/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest as a value: alone from a text, back into a text, looked up, freed. */
#include "xml/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "xml/characters.h"
#include "xml/tree.h"
#include "xml/view.h"

static int read_root(const xmlNode *root, struct manifest **ret, struct err *err)
{
	if (!tree_is(root, "state") && !tree_is_in(root, "state", MANIFEST_URI))
		return err_set(err, EINVAL, "line %ld: it is a <%.100s>, not a <state> of %s",
			       tree_line(root), (const char *)root->name, MANIFEST_URI);
	return manifest_read(root, ret, err);
}

int manifest_parse(const char *text, size_t length, struct manifest **ret, struct err *err)
{
	cleanup_doc xmlDoc *doc = NULL;
	int rc = tree_parse(text, length, &doc, err);

	if (rc == 0)
		rc = read_root(xmlDocGetRootElement(doc), ret, err);
	return rc < 0 ? err_wrap(err, "manifest") : 0;
}

static void put_text(struct strbuf *out, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_printf(out, " %s='", name);
	xml_escape_attribute(out, value, '\'');
	strbuf_puts(out, "'");
}

static void put_number(struct strbuf *out, const char *name, uint64_t number)
{
	strbuf_printf(out, " %s='%" PRIu64 "'", name, number);
}

static void put_image(struct strbuf *out, const struct manifest_image *image)
{
	put_text(out, "path", image->path);
	put_text(out, "format", image->format);
	put_number(out, "virtual-bytes", image->virtual_bytes);
	put_text(out, "digest", image->digest);
}

static void put_disk(struct strbuf *out, const struct manifest_disk *disk)
{
	strbuf_puts(out, "<disk");
	put_text(out, "target", disk->target);
	put_image(out, &disk->image);
	put_number(out, "allocated-bytes", disk->allocated_bytes);
	if (disk->inode)
		put_number(out, "inode", disk->inode);
	if (disk->readonly)
		put_text(out, "readonly", "yes");
	put_text(out, "copy", disk->copy);
	put_text(out, "superseded", disk->superseded);
	strbuf_puts(out, ">");
	for (size_t i = 0; i < disk->backing_count; i++) {
		strbuf_puts(out, "<backing");
		put_image(out, &disk->backing[i]);
		strbuf_puts(out, "/>");
	}
	strbuf_puts(out, "</disk>");
}

static void put_problem(struct strbuf *out, const struct manifest_problem *problem)
{
	strbuf_puts(out, "<problem");
	put_text(out, "target", problem->target);
	put_text(out, "text", problem->text);
	strbuf_puts(out, "/>");
}

static void put_volume(struct strbuf *out, const struct manifest_volume *volume)
{
	strbuf_puts(out, "<volume");
	put_text(out, "target", volume->target);
	put_text(out, "path", volume->path);
	put_text(out, "driver", volume->driver);
	if (str_equal(volume->driver, "iscsi")) {
		put_text(out, "portals", volume->portals);
		put_text(out, "iqn", volume->iqn);
		put_number(out, "lun", volume->lun);
	} else {
		put_number(out, "shelf", volume->shelf);
		put_number(out, "slot", volume->slot);
	}
	if (volume->multipath)
		put_text(out, "multipath", "yes");
	put_text(out, "wwn", volume->wwn);
	put_text(out, "serial", volume->serial);
	if (volume->size_bytes)
		put_number(out, "size-bytes", volume->size_bytes);
	strbuf_puts(out, "/>");
}

void manifest_format(const struct manifest *manifest, struct strbuf *out)
{
	strbuf_puts(out, "<state");
	put_text(out, "host", manifest->host);
	put_text(out, "uri", manifest->uri);
	put_text(out, "written", manifest->written);
	put_text(out, "token", manifest->token);
	strbuf_puts(out, ">");
	for (size_t i = 0; i < manifest->disk_count; i++)
		put_disk(out, &manifest->disks[i]);
	for (size_t i = 0; i < manifest->volume_count; i++)
		put_volume(out, &manifest->volumes[i]);
	for (size_t i = 0; i < manifest->problem_count; i++)
		put_problem(out, &manifest->problems[i]);
	strbuf_puts(out, "</state>");
}

const struct manifest_disk *manifest_find_disk(const struct manifest *manifest, const char *target)
{
	for (size_t i = 0; manifest && i < manifest->disk_count; i++) {
		if (str_equal(manifest->disks[i].target, target))
			return &manifest->disks[i];
	}
	return NULL;
}

bool manifest_supersedes(const struct manifest_disk *disk, const char *copy)
{
	return disk && disk->superseded && copy && strlen(copy) == MANIFEST_COPY_LENGTH &&
	       strstr(disk->superseded, copy);
}

const struct manifest_volume *manifest_find_volume(const struct manifest *manifest,
						   const char *target)
{
	for (size_t i = 0; manifest && i < manifest->volume_count; i++) {
		if (str_equal(manifest->volumes[i].target, target))
			return &manifest->volumes[i];
	}
	return NULL;
}

static void free_image(struct manifest_image *image)
{
	free(image->path);
	free(image->format);
	free(image->digest);
}

void manifest_disk_clear(struct manifest_disk *disk)
{
	free(disk->target);
	free(disk->copy);
	free(disk->superseded);
	free_image(&disk->image);
	for (size_t i = 0; i < disk->backing_count; i++)
		free_image(&disk->backing[i]);
	free(disk->backing);
}

static void free_volume(struct manifest_volume *volume)
{
	free(volume->target);
	free(volume->path);
	free(volume->driver);
	free(volume->portals);
	free(volume->iqn);
	free(volume->wwn);
	free(volume->serial);
}

void manifest_free(struct manifest *manifest)
{
	if (!manifest)
		return;
	for (size_t i = 0; i < manifest->disk_count; i++)
		manifest_disk_clear(&manifest->disks[i]);
	free(manifest->disks);
	for (size_t i = 0; i < manifest->volume_count; i++)
		free_volume(&manifest->volumes[i]);
	free(manifest->volumes);
	for (size_t i = 0; i < manifest->problem_count; i++) {
		free(manifest->problems[i].target);
		free(manifest->problems[i].text);
	}
	free(manifest->problems);
	free(manifest->host);
	free(manifest->uri);
	free(manifest->written);
	free(manifest->token);
	free(manifest);
}
