/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base images: by name, and else by content.
 *
 * A base image of the right name and of other content is worse than none: the guest would run on
 * it and find its files broken. So a name is only where the look begins.
 */
#include "hooks/plan/base_image.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/records/image_folders.h"
#include "storage/digest.h"
#include "storage/image.h"

/*
 * What a comparison or a search needs to know at every turn.
 * @folders: below which alone anything is opened
 * @wanted: the images that a chain must consist of, outermost first
 */
struct search {
	const struct site *site;
	const struct config *config;
	const struct domain *domain;
	struct folders folders;
	const struct manifest_image **wanted;
	size_t count;
};

static struct search search_for(const struct site *site, const struct config *config,
				const struct domain *domain, const struct manifest_disk *disk,
				bool with_top)
{
	struct search search = {
		.site = site,
		.config = config,
		.domain = domain,
		.folders = image_folders_to_read(config),
	};

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
	/* The digest of what is here stays here: another host has named the file. */
	if (strcmp(have->digest, wanted->digest) != 0)
		return err_set(err, ESTALE,
			       "'%s' on this host has other content than '%s' on host '%s' "
			       "(%.19s...); copy the latter here",
			       path, wanted->path, host, wanted->digest);
	if ((level + 1 == search->count) != (have->backing_path == NULL))
		return err_set(
			err, ESTALE,
			"'%s' on this host has %s backing file, '%s' on host '%s' has %s; copy "
			"the latter here",
			path, have->backing_path ? "a" : "no", wanted->path, host,
			have->backing_path ? "none" : "one");
	return 0;
}

static void forget(struct base_facts *chain, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(chain[i].path);
		free(chain[i].format);
		chain[i] = (struct base_facts){0};
	}
}

/* Another host has named the image, or the header of one that it has named: so nothing is opened,
 * and nothing is told, of what lies elsewhere than images may. */
static int open_image(const struct search *search, const char *path, struct err *err)
{
	int fd = open_safely_in(path, OPEN_FILE, &search->folders, err);

	return fd < 0 ? err_wrap(err, "image '%s'", path) : fd;
}

static int identify(const struct search *search, const char *path, const char *format,
		    struct image_identity *ret, struct err *err)
{
	cleanup_free char *store = xasprintf("%s/digests", search->site->state);
	cleanup_close int fd = open_image(search, path, err);

	return fd < 0 ? fd : image_identity_fd(store, fd, path, format, ret, err);
}

/* What is below a raw image is none of a header's business that a guest may have written there: so
 * the format that the header gives the next image must be the manifest's. */
static int check_backing_format(const struct search *search, const char *path, size_t level,
				const struct image_identity *have, struct err *err)
{
	const char *wanted = search->wanted[level + 1]->format;

	if (str_equal(have->backing_format, wanted))
		return 0;
	return err_set(
		err, ESTALE,
		"'%s' on this host has a backing file of format '%s', '%s' on host '%s' one of "
		"format '%s'; copy the latter here",
		path, have->backing_format, search->wanted[level]->path,
		search->domain->manifest->host, wanted);
}

/* Compares a local image, and all below it, with what is wanted from @level on. */
static int compare_chain(const struct search *search, const char *path, size_t level,
			 struct base_facts *chain, struct err *err)
{
	cleanup_image_identity struct image_identity have = {0};
	const char *format = search->wanted[level]->format;

	int rc = identify(search, path, format, &have, err);
	if (rc == 0)
		rc = compare(search, path, level, &have, err);
	if (rc == 0 && have.backing_path)
		rc = check_backing_format(search, path, level, &have, err);
	if (rc == 0 && have.backing_path)
		rc = compare_chain(search, have.backing_path, level + 1, chain, err);
	if (rc < 0)
		return rc;
	chain[level].path = xstrdup(path);
	chain[level].format = xstrdup(format);
	chain[level].version = have.version;
	return 0;
}

static void search_clear(struct search *search)
{
	folders_clear(&search->folders);
	free(search->wanted);
}

int base_image_compare(const struct site *site, const struct config *config,
		       const struct domain *domain, const struct manifest_disk *known,
		       const char *path, struct file_version *versions, struct err *err)
{
	struct search search = search_for(site, config, domain, known, true);
	struct base_facts *chain = xcalloc(search.count, sizeof(*chain));

	int rc = compare_chain(&search, path, 0, chain, err);
	for (size_t i = 0; i < search.count && rc == 0; i++)
		versions[i] = chain[i].version;
	forget(chain, search.count);
	free(chain);
	search_clear(&search);
	return rc;
}

/* Return: 1 when this is the one; 0 when there is no such file where images may lie; -ESTALE when
 * it is another image. */
static int try_path(const struct search *search, const char *path, struct base_facts *chain,
		    struct err *err)
{
	cleanup_close int fd = open_image(search, path, err);

	if (fd < 0)
		return 0;
	int rc = compare_chain(search, path, 0, chain, err);
	return rc < 0 ? rc : 1;
}

/* A look at the header before the whole file is read. */
static bool may_be_wanted(const struct search *search, const char *path)
{
	const struct manifest_image *wanted = search->wanted[0];
	cleanup_image struct image image = {0};
	struct err err;
	cleanup_close int fd = open_image(search, path, &err);

	return fd >= 0 && image_inspect_fd(fd, path, wanted->format, &image, &err) == 0 &&
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
		if (entry->d_name[0] == '.' || !may_be_wanted(search, path))
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
	struct search search = search_for(site, config, domain, known, false);
	facts->chain_count = known->backing_count;
	facts->chain = xcalloc(facts->chain_count, sizeof(*facts->chain));
	if (find(&search, facts->chain, &first) <= 0) {
		forget(facts->chain, facts->chain_count);
		explain(&search, &first, facts->chain);
	}
	search_clear(&search);
}
