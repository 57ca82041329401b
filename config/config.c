/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration: one table of keys, their meaning, and reading the files in order. */
#include "config/config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "config/value.h"

#define DEFAULT_ROOT "/var/lib/libvirt/images"
#define ANY_KEY "*"

/* What a key's value is, and where it goes: an offset into struct config. */
enum value_kind {
	VALUE_TEXT,
	VALUE_YES_NO,
	VALUE_MIB,
	VALUE_DEPARTED,
	VALUE_PATHS,
	VALUE_ADDRESSES,
	VALUE_PATH_MAPPING,
	VALUE_BRIDGE_MAPPING,
	VALUE_NETWORK_MAPPING,
	VALUE_INTERFACE,
	VALUE_INTERFACE_PATTERNS,
	VALUE_VLANS,
	VALUE_NETWORK_MODE,
	VALUE_STATELESS,
	VALUE_ISCSI,
	VALUE_INTERFACES,
	VALUE_RELEASE,
	VALUE_TIMEOUT,
};

static const struct key {
	const char *section;
	const char *name;
	enum value_kind kind;
	size_t offset;
} keys[] = {
	{"host", "uri", VALUE_TEXT, offsetof(struct config, uri)},
	{"paths", ANY_KEY, VALUE_PATH_MAPPING, offsetof(struct config, paths)},
	{"bridges", ANY_KEY, VALUE_BRIDGE_MAPPING, offsetof(struct config, bridges)},
	{"networks", ANY_KEY, VALUE_NETWORK_MAPPING, offsetof(struct config, networks)},
	{"images", "roots", VALUE_PATHS, offsetof(struct config, roots)},
	{"images", "base", VALUE_PATHS, offsetof(struct config, base)},
	{"images", "shared", VALUE_PATHS, offsetof(struct config, shared)},
	{"images", "departed", VALUE_DEPARTED, offsetof(struct config, departed)},
	{"graphics", "listen", VALUE_ADDRESSES, offsetof(struct config, listen)},
	{"limits", "disk_reserve_mib", VALUE_MIB, offsetof(struct config, disk_reserve_mib)},
	{"limits", "disk_over_commit", VALUE_YES_NO, offsetof(struct config, disk_over_commit)},
	{"network", "uplink", VALUE_INTERFACE, offsetof(struct config, uplink)},
	{"network", "vlans", VALUE_VLANS, 0},
	{"network", "mode", VALUE_NETWORK_MODE, offsetof(struct config, mode)},
	{"volumes", "iscsi", VALUE_ISCSI, 0},
	{"volumes", "aoe", VALUE_INTERFACES, offsetof(struct config, aoe_interfaces)},
	{"volumes", "release", VALUE_RELEASE, offsetof(struct config, release)},
	{"volumes", "timeout", VALUE_TIMEOUT, offsetof(struct config, volume_timeout_s)},
	{"firewall", "stateless", VALUE_STATELESS, offsetof(struct config, approximate)},
	{"firewall", "closed", VALUE_INTERFACE_PATTERNS, offsetof(struct config, closed)},
};

/* One file being read. libinih tells no line number, so the reader counts. */
struct reading {
	struct config *config;
	FILE *file;
	int line;
	bool indented;
	bool too_long;
	char section[64]; /* of the last key */
	bool seen[ARRAY_SIZE(keys)];
	struct err *err;
	int error_line;
};

static const struct key *find_key(const char *section, const char *name, bool *section_known)
{
	*section_known = false;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].section, section) != 0)
			continue;
		*section_known = true;
		if (strcmp(keys[i].name, ANY_KEY) == 0 || strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static int set_value(struct reading *in, const struct key *key, const char *name, const char *value)
{
	size_t index = (size_t)(key - keys);
	bool first = !in->seen[index];
	void *field = (char *)in->config + key->offset;

	in->seen[index] = true;
	switch (key->kind) {
	case VALUE_TEXT:
		return value_text(field, value, first, in->err);
	case VALUE_YES_NO:
		return value_yes_no(field, value, in->err);
	case VALUE_MIB:
		return value_mib(field, value, in->err);
	case VALUE_DEPARTED:
		return value_departed(field, value, in->err);
	case VALUE_PATHS:
		return value_paths(field, value, first, in->err);
	case VALUE_ADDRESSES:
		return value_addresses(field, value, first, in->err);
	case VALUE_PATH_MAPPING:
		return value_path_mapping(field, name, value, in->err);
	case VALUE_BRIDGE_MAPPING:
		return value_bridge_mapping(field, name, value, in->err);
	case VALUE_NETWORK_MAPPING:
		return value_network_mapping(field, name, value, in->err);
	case VALUE_INTERFACE:
		return value_interface(field, value, first, in->err);
	case VALUE_INTERFACE_PATTERNS:
		return value_interface_patterns(field, value, first, in->err);
	case VALUE_VLANS:
		return value_vlans(in->config, value, first, in->err);
	case VALUE_NETWORK_MODE:
		return value_network_mode(field, value, in->err);
	case VALUE_STATELESS:
		return value_stateless(field, value, in->err);
	case VALUE_ISCSI:
		return value_iscsi(in->config, value, first, in->err);
	case VALUE_INTERFACES:
		return value_interfaces(field, value, first, in->err);
	case VALUE_RELEASE:
		return value_release(field, value, in->err);
	case VALUE_TIMEOUT:
		return value_timeout(field, value, in->err);
	}
	return -EINVAL;
}

/* libinih joins an indented line to the key above it, be it a key of its own. */
static bool may_go_on(enum value_kind kind)
{
	return kind == VALUE_PATHS || kind == VALUE_ADDRESSES || kind == VALUE_VLANS ||
	       kind == VALUE_INTERFACE_PATTERNS || kind == VALUE_ISCSI || kind == VALUE_INTERFACES;
}

/* libinih's handler: 0 is an error, and parsing goes on; only the first error is kept. */
static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reading *in = user;
	bool section_known;

	if (in->error_line)
		return 0;
	bool goes_on = in->indented && strcmp(in->section, section) == 0;
	snprintf(in->section, sizeof(in->section), "%s", section);
	const struct key *key = find_key(section, name, &section_known);
	int rc = 0;
	if (!key && !section_known)
		rc = err_set(in->err, EINVAL, "unknown section [%s]; see berth.conf(5)", section);
	else if (!key)
		rc = err_set(in->err, EINVAL, "unknown key '%s' in [%s]; see berth.conf(5)", name,
			     section);
	else if (goes_on && !may_go_on(key->kind))
		rc = err_set(
			in->err, EINVAL,
			"[%s] %s: this line begins with a blank, as if it went on with the line "
			"before; take the blank away",
			section, name);
	else if (set_value(in, key, name, value) < 0)
		rc = err_wrap(in->err, "[%s] %s", section, name);
	if (rc < 0)
		in->error_line = in->line;
	return rc == 0;
}

/* libinih takes comments away from all lines but those that go on with the line before. */
static void cut_comment(char *line)
{
	for (char *c = line + 1; *c; c++) {
		if (*c == ';' && isblank((unsigned char)c[-1])) {
			strcpy(c, "\n");
			return;
		}
	}
}

/* libinih cuts a longer line in two without a word, so such a line ends the reading here. */
static char *read_line(char *into, int size, void *user)
{
	struct reading *in = user;

	if (in->too_long || !fgets(into, size, in->file))
		return NULL;
	in->line++;
	size_t length = strlen(into);
	if (length > 0 && into[length - 1] != '\n' && !feof(in->file)) {
		in->too_long = true;
		return NULL;
	}
	in->indented = isblank((unsigned char)into[0]);
	if (in->indented)
		cut_comment(into);
	return into;
}

static int read_file(struct config *config, const char *path, struct err *err)
{
	cleanup_file FILE *file = fopen(path, "re");

	if (!file && errno == ENOENT)
		return 0;
	if (!file)
		return err_set(err, errno, "%s: %s", path, strerror(errno));
	struct reading in = {.config = config, .file = file, .err = err};
	int wrong_line = ini_parse_stream(read_line, &in, on_value, &in);
	if (ferror(file))
		return err_set(err, EIO, "%s: cannot be read", path);
	if (in.error_line && in.error_line <= wrong_line)
		return err_wrap(err, "%s:%d", path, in.error_line);
	if (in.too_long && !wrong_line)
		return err_set(err, EINVAL,
			       "%s:%d: line is too long; go on in a new line that begins with a "
			       "blank",
			       path, in.line);
	if (wrong_line)
		return err_set(err, EINVAL, "%s:%d: neither [section] nor 'key = value'", path,
			       wrong_line);
	return 0;
}

static int is_conf(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       strcmp(entry->d_name + length - 5, ".conf") == 0;
}

static int read_drop_ins(struct config *config, const char *folder, struct err *err)
{
	cleanup_free char *drop_ins = xasprintf("%s/berth.conf.d", folder);
	struct dirent **entries;
	int rc = 0;

	int count = scandir(drop_ins, &entries, is_conf, alphasort);
	if (count < 0)
		return errno == ENOENT ? 0
				       : err_set(err, errno, "%s: %s", drop_ins, strerror(errno));
	for (int i = 0; i < count; i++) {
		cleanup_free char *path = xasprintf("%s/%s", drop_ins, entries[i]->d_name);
		if (rc == 0)
			rc = read_file(config, path, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static void fill_defaults(struct config *config)
{
	char host[256] = "localhost";

	if (config->roots.count == 0)
		names_add(&config->roots, DEFAULT_ROOT);
	if (!config->uri) {
		gethostname(host, sizeof(host) - 1);
		config->uri = xasprintf("qemu+tls://%s/system", host);
	}
}

int config_load(const char *folder, struct config **ret, struct err *err)
{
	cleanup_config struct config *config = xcalloc(1, sizeof(*config));
	cleanup_free char *main_file = xasprintf("%s/berth.conf", folder);

	config->disk_reserve_mib = 1024;
	config->volume_timeout_s = 30;
	int rc = read_file(config, main_file, err);
	if (rc == 0)
		rc = read_drop_ins(config, folder, err);
	if (rc < 0)
		return rc;
	fill_defaults(config);
	*ret = steal_pointer(config);
	return 0;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	free(config->uri);
	mappings_clear(&config->paths);
	mappings_clear(&config->bridges);
	mappings_clear(&config->networks);
	names_clear(&config->roots);
	names_clear(&config->base);
	names_clear(&config->shared);
	names_clear(&config->listen);
	names_clear(&config->closed);
	free(config->uplink);
	free(config->vlans);
	free(config->portals);
	names_clear(&config->targets);
	names_clear(&config->aoe_interfaces);
	free(config);
}

void config_freep(struct config **config)
{
	config_free(*config);
}
