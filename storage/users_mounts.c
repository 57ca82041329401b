/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounted file systems and swap on block devices. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "storage/volume_users.h"

#define MOUNTS "/proc/self/mountinfo"
#define SWAPS "/proc/swaps"

/* The kernel writes a blank in a name as \040 (fs/proc_namespace.c, mangle()). */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned value;
		if (*from == '\\' && sscanf(from + 1, "%3o", &value) == 1) {
			*to = (char)value;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool is_one(const struct device_set *set, const char *path)
{
	struct stat st;

	return path[0] == '/' && stat(path, &st) == 0 && S_ISBLK(st.st_mode) &&
	       device_set_has(set, st.st_rdev);
}

/* "36 35 8:16 / /mnt options... - type source options"; btrfs has a number of its own there, and is
 * known by its source. Return: where it is mounted, pointing into @line, or NULL. */
static char *mounted_at(const struct device_set *set, char *line)
{
	unsigned major_number, minor_number;
	int at = 0, at_end = 0, source = 0, source_end = 0;

	if (sscanf(line, "%*d %*d %u:%u %*s %n%*s%n", &major_number, &minor_number, &at, &at_end) !=
		    2 ||
	    !at_end)
		return NULL;
	char *dash = strstr(line + at_end, " - ");
	if (!dash || sscanf(dash, " - %*s %n%*s%n", &source, &source_end) < 0 || !source_end)
		return NULL;
	dash[source_end] = '\0';
	unescape(dash + source);
	if (!device_set_has(set, makedev(major_number, minor_number)) &&
	    !is_one(set, dash + source))
		return NULL;
	line[at_end] = '\0';
	unescape(line + at);
	return line + at;
}

int users_mounted(const struct device_set *set, struct strbuf *users, struct err *err)
{
	cleanup_file FILE *table = fopen(MOUNTS, "re");
	cleanup_free char *line = NULL;
	size_t capacity = 0;

	if (!table)
		return err_set(err, errno, "'%s': %s", MOUNTS, strerror(errno));
	while (getline(&line, &capacity, table) >= 0) {
		const char *at = mounted_at(set, line);
		if (at)
			users_add(users, "mounted at '%s'", at);
	}
	return 0;
}

int users_swap(const struct device_set *set, struct strbuf *users, struct err *err)
{
	cleanup_file FILE *table = fopen(SWAPS, "re");
	cleanup_free char *line = NULL;
	size_t capacity = 0;

	if (!table) /* a kernel without swap */
		return errno == ENOENT ? 0
				       : err_set(err, errno, "'%s': %s", SWAPS, strerror(errno));
	while (getline(&line, &capacity, table) >= 0) {
		line[strcspn(line, " \t")] = '\0';
		unescape(line);
		if (is_one(set, line))
			users_add(users, "swap on '%s'", line);
	}
	return 0;
}
