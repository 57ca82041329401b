/* SPDX-License-Identifier: GPL-2.0-or-later */
/* key = "value", a line each; '#' begins a comment. */
#include "plugin/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"

#define CONF_MAX_BYTES 65536
#define BLANKS " \t\r"

const char *lock_manager_package(const char *lock_manager)
{
	if (strcmp(lock_manager, "lockd") == 0)
		return ", package libvirt-daemon-plugin-lockd (Debian 12: libvirt-daemon)";
	if (strcmp(lock_manager, "sanlock") == 0)
		return ", package libvirt-daemon-plugin-sanlock (Debian 12: libvirt-sanlock)";
	return "";
}

static char *skip_blanks(char *at)
{
	return at + strspn(at, BLANKS);
}

static int parse_value(char *at, char **ret)
{
	char quote = *at;

	if (quote != '"' && quote != '\'')
		return -EINVAL;
	char *end = strchr(at + 1, quote);
	if (!end)
		return -EINVAL;
	char *rest = skip_blanks(end + 1);
	if (*rest && *rest != '#')
		return -EINVAL;
	*end = '\0';
	*ret = at + 1;
	return 0;
}

static int set_chain(struct gate_conf *conf, const char *value, struct err *err)
{
	size_t length = strlen(value);

	if (length >= sizeof(conf->chain) || strcmp(value, "berth") == 0 ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
		return err_set(err, EINVAL,
			       "chain = '%s' is no lock manager; lockd and sanlock are", value);
	memcpy(conf->chain, value, length + 1);
	return 0;
}

static int parse_line(char *line, struct gate_conf *conf, struct err *err)
{
	char *key = skip_blanks(line), *value;

	if (!*key || *key == '#')
		return 0;
	size_t length = strcspn(key, BLANKS "=");
	char *equals = skip_blanks(key + length);
	if (*equals != '=' || parse_value(skip_blanks(equals + 1), &value) < 0)
		return err_set(err, EINVAL, "'%s' is not of the form key = \"value\"", key);
	key[length] = '\0';
	if (strcmp(key, "chain") == 0)
		return set_chain(conf, value, err);
	return err_set(err, EINVAL, "'%s' is no key; chain is one", key);
}

int gate_conf_parse(char *text, struct gate_conf *ret, struct err *err)
{
	struct gate_conf conf = {.chain = ""};
	char *line;

	for (unsigned number = 1; (line = strsep(&text, "\n")); number++) {
		if (parse_line(line, &conf, err) < 0)
			return err_wrap(err, "line %u", number);
	}
	*ret = conf;
	return 0;
}

int gate_conf_read(const char *path, struct gate_conf *ret, struct err *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	ssize_t got;

	if (fd < 0 && errno == ENOENT) {
		*ret = (struct gate_conf){.chain = ""};
		return 0;
	}
	text = fd < 0 ? NULL : malloc(CONF_MAX_BYTES + 1);
	if (!text || (got = read(fd, text, CONF_MAX_BYTES + 1)) < 0)
		return err_set(err, errno, "read '%s': %s", path, strerror(errno));
	if (got > CONF_MAX_BYTES)
		return err_set(err, EFBIG, "'%s': larger than %d bytes", path, CONF_MAX_BYTES);
	text[got] = '\0';
	return gate_conf_parse(text, ret, err) < 0 ? err_wrap(err, "'%s'", path) : 0;
}
