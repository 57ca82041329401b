/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One setting of a libvirt daemon's configuration file: read, set, and set back, as text. */
#ifndef BERTH_LIBVIRT_DAEMON_CONF_H
#define BERTH_LIBVIRT_DAEMON_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strbuf.h"

/**
 * daemon_conf_value() - what a text setting has in the file: key = "value"
 * @text: the file; libvirt's own format (src/util/virconf.c): '#' begins a comment
 *
 * Return: the value of the first line that sets it, the one that counts for libvirt; the caller
 * frees it. NULL: none does.
 */
char *daemon_conf_value(const char *text, const char *key);

/* daemon_conf_is_zero() - whether the first line that sets it is key = 0. */
bool daemon_conf_is_zero(const char *text, const char *key);

#define DAEMON_CONF_LIST_MAX 256

struct daemon_conf_list {
	char *items[DAEMON_CONF_LIST_MAX];
	size_t count;
};

/**
 * daemon_conf_list() - the strings of key = [ "a", "b" ], which may go over several lines
 * @ret: what the first line that sets it has; to be cleared
 *
 * One string counts as a list of it. What isn't understood ends the list: libvirtd doesn't start
 * with such a file.
 */
void daemon_conf_list(const char *text, const char *key, struct daemon_conf_list *ret);
void daemon_conf_list_clear(struct daemon_conf_list *list);
#define cleanup_daemon_conf_list cleanup(daemon_conf_list_clear)

/**
 * daemon_conf_set() - the file with key = "value" in it
 * @out: the new text is appended here
 *
 * Lines that set it otherwise become comments with a mark, and the setting is added at the end
 * under a comment that says whose it is. A file that has the value already stays as it is.
 *
 * Return: whether anything has changed.
 */
bool daemon_conf_set(const char *text, const char *key, const char *value, struct strbuf *out);

/**
 * daemon_conf_set_back() - the file as it was before daemon_conf_set()
 *
 * Every line that sets @key to @value goes, whoever wrote it, with the comment above it; the lines
 * that were made comments come back.
 *
 * Return: whether anything has changed.
 */
bool daemon_conf_set_back(const char *text, const char *key, const char *value, struct strbuf *out);

/**
 * daemon_conf_write() - put a changed text in place of a file
 * @before: what was in it; goes into PATH.before-berth
 *
 * Links are followed; owner and mode stay. A file that isn't there yet gets mode 0600.
 *
 * Return: 0 or a negative errno; then the file is as it was.
 */
int daemon_conf_write(const char *path, const struct strbuf *before, const struct strbuf *after,
		      struct err *err);

#endif
