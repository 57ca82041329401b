/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of configuration keys: checked when they are read, so that nobody has to check them later.
 */
#include "config/value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"

void names_add(struct names *names, const char *name)
{
	names->items = xreallocarray(names->items, names->count + 1, sizeof(*names->items));
	names->items[names->count++] = xstrdup(name);
}

void names_clear(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct names){0};
}

void mappings_clear(struct mappings *mappings)
{
	for (size_t i = 0; i < mappings->count; i++) {
		free(mappings->items[i].from);
		free(mappings->items[i].to);
	}
	free(mappings->items);
	*mappings = (struct mappings){0};
}

static void mappings_set(struct mappings *mappings, const char *from, const char *to)
{
	for (size_t i = 0; i < mappings->count; i++) {
		if (strcmp(mappings->items[i].from, from) == 0) {
			free(mappings->items[i].to);
			mappings->items[i].to = xstrdup(to);
			return;
		}
	}
	mappings->items =
		xreallocarray(mappings->items, mappings->count + 1, sizeof(*mappings->items));
	mappings->items[mappings->count++] = (struct mapping){xstrdup(from), xstrdup(to)};
}

int value_text(char **field, const char *value, bool first, struct err *err)
{
	if (!first)
		return err_set(err, EINVAL, "given twice");
	if (!*value)
		return err_set(err, EINVAL, "is empty");
	free(*field);
	*field = xstrdup(value);
	return 0;
}

int value_yes_no(bool *field, const char *value, struct err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, EINVAL, "'%s' is neither yes nor no", value);
	*field = strcmp(value, "yes") == 0;
	return 0;
}

int value_mib(uint64_t *field, const char *value, struct err *err)
{
	unsigned long long number;

	if (!str_to_u64(value, &number) || number > UINT64_MAX >> 20)
		return err_set(err, EINVAL, "'%s' is not a number of MiB", value);
	*field = number;
	return 0;
}

int value_departed(enum departed_images *field, const char *value, struct err *err)
{
	if (strcmp(value, "keep") != 0 && strcmp(value, "remove") != 0)
		return err_set(err, EINVAL, "'%s' is neither keep nor remove", value);
	*field = strcmp(value, "keep") == 0 ? DEPARTED_KEEP : DEPARTED_REMOVE;
	return 0;
}

/* "/images/", "/images//" and "/images" are the same folder. */
static int take_path(const char *word, char **ret, struct err *err)
{
	cleanup_free char *path = path_plain(word);
	size_t length = strlen(path);

	if (length > 1 && path[length - 1] == '/')
		path[length - 1] = '\0';
	if (strcmp(path, "/") == 0)
		return err_set(err, EINVAL, "'%s' is the whole file system; name a folder below it",
			       word);
	if (!path_is_clean(path))
		return err_set(err, EINVAL, "'%s' is not an absolute path without '..'", word);
	*ret = steal_pointer(path);
	return 0;
}

static int check_address(const char *address, struct err *err)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, address, bytes) != 1 && inet_pton(AF_INET6, address, bytes) != 1)
		return err_set(err, EINVAL, "'%s' is not an IPv4 or IPv6 address", address);
	return 0;
}

int value_each_word(const char *value, int (*add)(void *into, const char *word, struct err *err),
		    void *into, struct err *err)
{
	cleanup_free char *words = xstrdup(value);
	char *rest = NULL;

	for (char *word = strtok_r(words, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest)) {
		int rc = add(into, word, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int add_path(void *into, const char *word, struct err *err)
{
	cleanup_free char *path = NULL;
	int rc = take_path(word, &path, err);

	if (rc == 0)
		names_add(into, path);
	return rc;
}

static int add_address(void *into, const char *address, struct err *err)
{
	int rc = check_address(address, err);

	if (rc == 0)
		names_add(into, address);
	return rc;
}

int value_paths(struct names *field, const char *value, bool first, struct err *err)
{
	if (first)
		names_clear(field);
	return value_each_word(value, add_path, field, err);
}

int value_addresses(struct names *field, const char *value, bool first, struct err *err)
{
	if (first)
		names_clear(field);
	return value_each_word(value, add_address, field, err);
}

int value_path_mapping(struct mappings *field, const char *from, const char *to, struct err *err)
{
	cleanup_free char *plain_from = NULL, *plain_to = NULL;

	int rc = take_path(from, &plain_from, err);
	if (rc == 0)
		rc = take_path(to, &plain_to, err);
	if (rc == 0)
		mappings_set(field, plain_from, plain_to);
	return rc;
}

int value_bridge_mapping(struct mappings *field, const char *from, const char *to, struct err *err)
{
	if (!value_is_interface(to))
		return err_set(err, EINVAL, "'%s' is not a network interface name", to);
	mappings_set(field, from, to);
	return 0;
}

int value_network_mapping(struct mappings *field, const char *from, const char *to, struct err *err)
{
	if (!*to || strchr(to, '/'))
		return err_set(err, EINVAL, "'%s' is not a libvirt network name", to);
	mappings_set(field, from, to);
	return 0;
}
