/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base images: by name, and else by content.
 *
 * A base image of the right name and of other content is worse than none: the guest would run on
 * it and find its files broken. So a name is only where the look begins.
 */
#include "hooks/base_image.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "storage/digest.h"
#include "storage/image.h"
#include "storage/location.h"

/* What a search needs to know at every turn. */
struct search {
	const struct site *site;
	const struct config *config;
	const struct manifest *manifest;
	const struct manifest_disk *disk;
};

static int compare(const char *path, const struct image_identity *have,
		   const struct manifest_image *wanted, struct err *err)
{
	if (have->virtual_bytes != wanted->virtual_bytes)
		return err_set(err, ESTALE,
			       "'%s' has a virtual size of %" PRIu64
			       " bytes, the source's image %" PRIu64,
			       path, have->virtual_bytes, wanted->virtual_bytes);
	if (!wanted->digest)
		return err_set(err, ENODATA, "the manifest has no digest of '%s'", wanted->path);
	if (strcmp(have->digest, wanted->digest) != 0)
		return err_set(err, ESTALE,
			       "'%s' has other content (%.19s... here, %.19s... on the source)",
			       path, have->digest, wanted->digest);
	return 0;
}

static int identify(const struct site *site, const char *path, const char *format,
		    struct image_identity *ret, struct err *err)
{
	cleanup_free char *store = xasprintf("%s/digests", site->state);

	return image_identity(store, path, format, ret, err);
}

int base_image_compare(const struct site *site, const char *path,
		       const struct manifest_image *wanted, struct err *err)
{
	cleanup_image_identity struct image_identity have = {0};

	int rc = identify(site, path, wanted->format, &have, err);
	if (rc == 0)
		rc = compare(path, &have, wanted, err);
	return rc < 0 && rc == -ESTALE ? err_wrap(err,
						  "this host's image is not the source's; copy the "
						  "source's '%s' here",
						  wanted->path)
				       : rc;
}

/* Compares a local image and all below it with the manifest's images from @level on. */
static int compare_chain(const struct search *search, const char *path, size_t level,
			 struct base_facts *chain, struct err *err)
{
	const struct manifest_image *wanted = &search->disk->backing[level];
	cleanup_image_identity struct image_identity have = {0};

	int rc = identify(search->site, path, wanted->format, &have, err);
	if (rc == 0)
		rc = compare(path, &have, wanted, err);
	if (rc < 0)
		return rc;
	bool last = level + 1 == search->disk->backing_count;
	if (last != (have.backing_path == NULL))
		return err_set(err, ESTALE, "'%s' has %s backing file, the source's image has %s",
			       path, last ? "a" : "no", last ? "none" : "one");
	if (!last) {
		rc = compare_chain(search, have.backing_path, level + 1, chain, err);
		if (rc < 0)
			return rc;
	}
	chain[level].path = xstrdup(path);
	chain[level].format = xstrdup(wanted->format);
	return 0;
}

static bool may_be_read(const struct config *config, const char *path)
{
	struct err err;

	return roots_check(path, (const char *const *)config->base.items, config->base.count,
			   &err) == 0 ||
	       roots_check(path, (const char *const *)config->roots.items, config->roots.count,
			   &err) == 0;
}

/* Return: 1 when this is the one; 0 when there is no such file; -ESTALE when it is another image.
 */
static int try_path(const struct search *search, const char *path, struct base_facts *chain,
		    struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || !may_be_read(search->config, path))
		return 0;
	int rc = compare_chain(search, path, 0, chain, err);
	return rc < 0 ? rc : 1;
}

/* A look at the header before the whole file is read. */
static bool may_be_wanted(const char *path, const struct manifest_image *wanted)
{
	cleanup_image struct image image = {0};
	struct err err;

	return image_inspect(path, wanted->format, &image, &err) == 0 &&
	       image.virtual_bytes == wanted->virtual_bytes;
}

static int try_contents_of(const struct search *search, const char *folder,
			   struct base_facts *chain, struct err *err)
{
	cleanup_dir DIR *dir = opendir(folder);
	struct err ignored;

	(void)err;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		cleanup_free char *path = xasprintf("%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || !may_be_wanted(path, &search->disk->backing[0]))
			continue;
		if (try_path(search, path, chain, &ignored) > 0)
			return 1;
	}
	return 0;
}

/* The first failure is what a person should hear of: it is about the file of the right name. */
static int try_names(const struct search *search, struct base_facts *chain, struct err *first)
{
	const char *source_path = search->disk->backing[0].path;
	const struct names *folders = config_search_folders(search->config);
	cleanup_free char *mapped = mappings_apply_path(&search->config->paths, source_path);
	struct err err;

	int rc = try_path(search, mapped ? mapped : source_path, chain, &err);
	if (rc < 0 && !first->code)
		*first = err;
	for (size_t i = 0; i < folders->count && rc <= 0; i++) {
		cleanup_free char *path =
			xasprintf("%s/%s", folders->items[i], path_name(source_path));
		rc = try_path(search, path, chain, &err);
		if (rc < 0 && !first->code)
			*first = err;
	}
	return rc;
}

static void forget(struct base_facts *chain, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(chain[i].path);
		free(chain[i].format);
		chain[i] = (struct base_facts){0};
	}
}

static int find(const struct search *search, struct base_facts *chain, struct err *first)
{
	const struct names *folders = config_search_folders(search->config);

	int rc = try_names(search, chain, first);
	for (size_t i = 0; i < folders->count && rc <= 0; i++) {
		forget(chain, search->disk->backing_count);
		rc = try_contents_of(search, folders->items[i], chain, first);
	}
	return rc;
}

static void explain(const struct search *search, const struct err *first, struct base_facts *chain)
{
	const struct names *folders = config_search_folders(search->config);
	const struct manifest_image *wanted = &search->disk->backing[0];

	if (first->code)
		err_set(&chain[0].error, first->code,
			"base image: %s; copy '%s' from host '%s' to '%s' on this host",
			first->text, wanted->path, search->manifest->host, folders->items[0]);
	else
		err_set(&chain[0].error, ENOENT,
			"base image '%s' is not on this host; copy '%s' from host '%s' to '%s'",
			path_name(wanted->path), wanted->path, search->manifest->host,
			folders->items[0]);
}

void base_images_find(const struct site *site, const struct config *config,
		      const struct domain *domain, const struct manifest_disk *known,
		      struct disk_facts *facts)
{
	struct search search = {site, config, domain->manifest, known};
	struct err first = {0};

	if (known->backing_count == 0)
		return;
	facts->chain_count = known->backing_count;
	facts->chain = xcalloc(facts->chain_count, sizeof(*facts->chain));
	if (find(&search, facts->chain, &first) <= 0) {
		forget(facts->chain, facts->chain_count);
		explain(&search, &first, facts->chain);
	}
}
