/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kept digests.
 *
 * The file is named DEVICE-INODE.FORMAT and holds
 *
 *     berth-digest 1
 *     size 123 mtime 1764000000.123456789 ctime 1764000000.123456789
 *     sha256:...
 *     /path/of/the/image
 *
 * Its first two lines are compared as text with what they would be for the file as it is now. ctime
 * is among them because mtime can be put back. The path is there for the sweep alone.
 */
#include "storage/digest_store.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"

#define ENTRY_MAX (PATH_MAX + 512)
/* file_replace()'s temporary names start with a dot; one this old is left from a crash. */
#define LEFTOVER_SECONDS 3600

static char *entry_path(const char *store, const struct stat *st, const char *format)
{
	return xasprintf("%s/%jx-%jx.%s", store, (uintmax_t)st->st_dev, (uintmax_t)st->st_ino,
			 format);
}

static char *entry_head(const struct stat *st)
{
	return xasprintf("berth-digest 1\nsize %jd mtime %jd.%09ld ctime %jd.%09ld\n",
			 (intmax_t)st->st_size, (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
			 (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

/* Takes the digest off a text that should start with one. */
static bool take_digest(const char *text, char ret[DIGEST_TEXT_MAX])
{
	static const char prefix[] = "sha256:";
	size_t length = DIGEST_TEXT_MAX - 1;

	if (!str_starts(text, prefix) ||
	    strspn(text + strlen(prefix), "0123456789abcdef") != length - strlen(prefix) ||
	    text[length] != '\n')
		return false;
	memcpy(ret, text, length);
	ret[length] = '\0';
	return true;
}

bool digest_store_load(const char *store, const struct stat *st, const char *format,
		       char ret[DIGEST_TEXT_MAX])
{
	cleanup_free char *path = entry_path(store, st, format);
	cleanup_free char *head = entry_head(st);
	cleanup_strbuf struct strbuf text = {0};
	struct err unused;

	return file_read(path, ENTRY_MAX, &text, &unused) == 0 && text.text &&
	       str_starts(text.text, head) && take_digest(text.text + strlen(head), ret);
}

enum digest_memory digest_store_recall(const char *store, const struct stat *st, const char *format,
				       char ret[DIGEST_TEXT_MAX])
{
	cleanup_free char *path = entry_path(store, st, format);
	cleanup_free char *head = entry_head(st);
	cleanup_strbuf struct strbuf text = {0};
	struct err unused;

	if (file_read(path, ENTRY_MAX, &text, &unused) < 0 || !text.text)
		return DIGEST_NONE;
	size_t same = (size_t)(strstr(head, " ctime ") - head);
	if (strncmp(text.text, head, same + strlen(" ctime ")) != 0)
		return DIGEST_CHANGED;
	const char *digest = strchr(text.text + same, '\n');
	return digest && take_digest(digest + 1, ret) ? DIGEST_HOLDS : DIGEST_NONE;
}

void digest_store_save(const char *store, const struct stat *st, const char *format,
		       const char *path, const char *digest)
{
	cleanup_free char *entry = entry_path(store, st, format);
	cleanup_free char *head = entry_head(st);
	cleanup_free char *text = xasprintf("%s%s\n%s\n", head, digest, path);
	struct err unused;

	if (file_make_folders(store, 0755, &unused) == 0)
		file_replace(entry, text, strlen(text), 0644, &unused);
}

/* Whether the entry of that name is what would be kept for the file that it names. */
static bool entry_holds(const char *store, const char *entry)
{
	cleanup_strbuf struct strbuf text = {0};
	char digest[DIGEST_TEXT_MAX];
	struct err unused;
	struct stat st;

	const char *format = strrchr(entry, '.');
	if (!format || file_read(entry, ENTRY_MAX, &text, &unused) < 0 || text.length == 0)
		return false;
	text.text[text.length - 1] = '\0';
	const char *line = strrchr(text.text, '\n');
	if (!line || stat(line + 1, &st) < 0)
		return false;
	cleanup_free char *expected = entry_path(store, &st, format + 1);
	return str_equal(expected, entry) && digest_store_load(store, &st, format + 1, digest);
}

static bool is_old(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_mtime < time(NULL) - LEFTOVER_SECONDS;
}

int digest_store_sweep(const char *store, struct err *err)
{
	cleanup_dir DIR *dir = opendir(store);
	const struct dirent *item;
	int removed = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_set(err, errno, "open folder '%s': %s", store, strerror(errno));
	while ((item = readdir(dir))) {
		if (str_equal(item->d_name, ".") || str_equal(item->d_name, ".."))
			continue;
		cleanup_free char *entry = xasprintf("%s/%s", store, item->d_name);
		bool keep = item->d_name[0] == '.' ? !is_old(entry) : entry_holds(store, entry);
		if (!keep && unlink(entry) == 0)
			removed++;
	}
	return removed;
}
