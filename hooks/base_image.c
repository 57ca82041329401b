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

/*
 * What a comparison or a search needs to know at every turn.
 * @wanted: the images that a chain must consist of, outermost first
 */
struct search {
	const struct site *site;
	const struct config *config;
	const struct domain *domain;
	const struct manifest_image **wanted;
	size_t count;
};

static struct search search_for(const struct site *site, const struct domain *domain,
				const struct manifest_disk *disk, bool with_top)
{
	struct search search = {.site = site, .domain = domain};

	search.wanted = xcalloc(disk->backing_count + 1, sizeof(*search.wanted));
	if (with_top)
		search.wanted[search.count++] = &disk->image;
	for (size_t i = 0; i < disk->backing_count; i++)
		search.wanted[search.count++] = &disk->backing[i];
	return search;
}

static int compare(const struct search *search, const char *path, size_t level,
		   const struct image_identity *have, struct err *err)
{
	const struct manifest_image *wanted = search->wanted[level];
	const char *host = search->domain->manifest->host;

	if (!wanted->digest)
		return err_set(
			err, ENODATA,
			"the manifest has no digest of '%s'; run 'berth sync %s' on host '%s'",
			wanted->path, search->domain->name, host);
	if (have->virtual_bytes != wanted->virtual_bytes)
		return err_set(err, ESTALE,
			       "'%s' on this host has a virtual size of %" PRIu64
			       " bytes, '%s' on host '%s' of %" PRIu64 "; copy the latter here",
			       path, have->virtual_bytes, wanted->path, host,
			       wanted->virtual_bytes);
	if (strcmp(have->digest, wanted->digest) != 0)
		return err_set(
			err, ESTALE,
			"'%s' on this host has other content than '%s' on host '%s' (%.19s..., "
			"there %.19s...); copy the latter here",
			path, wanted->path, host, have->digest, wanted->digest);
	if ((level + 1 == search->count) != (have->backing_path == NULL))
		return err_set(
			err, ESTALE,
			"'%s' on this host has %s backing file, '%s' on host '%s' has %s; copy "
			"the latter here",
			path, have->backing_path ? "a" : "no", wanted->path, host,
			have->backing_path ? "none" : "one");
	return 0;
}

/* Compares a local image, and all below it, with what is wanted from @level on; @chain may be NULL.
 */
static int compare_chain(const struct search *search, const char *path, size_t level,
			 struct base_facts *chain, struct err *err)
{
	cleanup_free char *store = xasprintf("%s/digests", search->site->state);
	cleanup_image_identity struct image_identity have = {0};
	const char *format = search->wanted[level]->format;

	int rc = image_identity(store, path, format, &have, err);
	if (rc == 0)
		rc = compare(search, path, level, &have, err);
	if (rc == 0 && have.backing_path)
		rc = compare_chain(search, have.backing_path, level + 1, chain, err);
	if (rc == 0 && chain) {
		chain[level].path = xstrdup(path);
		chain[level].format = xstrdup(format);
	}
	return rc;
}

int base_image_compare(const struct site *site, const struct domain *domain,
		       const struct manifest_disk *known, const char *path, struct err *err)
{
	struct search search = search_for(site, domain, known, true);

	int rc = compare_chain(&search, path, 0, NULL, err);
	free(search.wanted);
	return rc;
}

/* A link is as good as a file, if it leads to a folder that images may be read from. */
static bool may_be_read(const struct config *config, const char *path)
{
	cleanup_free char *real = realpath(path, NULL);
	struct err err;

	return real && (roots_check(real, (const char *const *)config->base.items,
				    config->base.count, &err) == 0 ||
			roots_check(real, (const char *const *)config->roots.items,
				    config->roots.count, &err) == 0);
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
		if (entry->d_name[0] == '.' || !may_be_wanted(path, search->wanted[0]))
			continue;
		if (try_path(search, path, chain, &ignored) > 0)
			return 1;
	}
	return 0;
}

/* The first failure is what a person should hear of: it is about the file of the right name. */
static int try_names(const struct search *search, struct base_facts *chain, struct err *first)
{
	const char *source_path = search->wanted[0]->path;
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
		forget(chain, search->count);
		rc = try_contents_of(search, folders->items[i], chain, first);
	}
	return rc;
}

static void explain(const struct search *search, const struct err *first, struct base_facts *chain)
{
	const struct names *folders = config_search_folders(search->config);
	const struct manifest_image *wanted = search->wanted[0];

	if (first->code)
		err_set(&chain[0].error, first->code, "base image: %s", first->text);
	else
		err_set(&chain[0].error, ENOENT,
			"base image '%s' is not on this host; copy '%s' from host '%s' to '%s'",
			path_name(wanted->path), wanted->path, search->domain->manifest->host,
			folders->items[0]);
}

void base_images_find(const struct site *site, const struct config *config,
		      const struct domain *domain, const struct manifest_disk *known,
		      struct disk_facts *facts)
{
	struct err first = {0};

	if (known->backing_count == 0)
		return;
	struct search search = search_for(site, domain, known, false);
	search.config = config;
	facts->chain_count = known->backing_count;
	facts->chain = xcalloc(facts->chain_count, sizeof(*facts->chain));
	if (find(&search, facts->chain, &first) <= 0) {
		forget(facts->chain, facts->chain_count);
		explain(&search, &first, facts->chain);
	}
	free(search.wanted);
}
