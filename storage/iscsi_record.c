/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * open-iscsi's node records (its usr/idbm.c).
 *
 *     FOLDER/IQN/ADDRESS,PORT               a file, where the portal group isn't known
 *     FOLDER/IQN/ADDRESS,PORT,GROUP/IFACE   a file for each interface, after a discovery
 *
 * ADDRESS is what the administrator or the target wrote: an IPv6 address without brackets, or a
 * host's name. A file has a line "name = value" for each setting, up to the end of the line and
 * without blanks at its ends; lines with '#' are comments. iscsiadm makes the record, with what
 * iscsid.conf says; only the settings that berth needs are put in here, all at once, since each
 * "iscsiadm -o update" is a process and shows its value, be it a password, to all users.
 */
#include "storage/iscsi_record.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "storage/iscsi_name.h"

#define RECORD_MAX 65536
/* iscsid.conf's own default: a longer one would slow down recovery. */
#define LOGIN_TIMEOUT_MAX_S 15

/* Debian 12 and older ones; Fedora, SUSE, newer Debian */
const char *const iscsi_record_folders[] = {"/etc/iscsi/nodes", "/var/lib/iscsi/nodes", NULL};

/* --- finding --- */

/* Whether "ADDRESS,PORT" or "ADDRESS,PORT,GROUP" is that portal. */
static bool is_portal(const char *name, const char *portal)
{
	const char *comma = strchr(name, ',');

	if (!comma)
		return false;
	cleanup_free char *address = xstrndup(name, (size_t)(comma - name));
	cleanup_free char *port = xstrndup(comma + 1, strcspn(comma + 1, ","));
	cleanup_free char *spelled = iscsi_portal(address, port);
	return str_equal(spelled, portal);
}

static char *find_in(const char *folder, const char *iqn, const char *portal)
{
	cleanup_free char *target = xasprintf("%s/%s", folder, iqn);
	cleanup_dir DIR *dir = opendir(target);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (is_portal(entry->d_name, portal))
			return xasprintf("%s/%s", target, entry->d_name);
	}
	return NULL;
}

char *iscsi_record_find(const char *const *folders, const char *iqn, const char *portal)
{
	char *found = NULL;

	for (; *folders && !found; folders++)
		found = find_in(*folders, iqn, portal);
	return found;
}

/* --- settings --- */

struct setting {
	const char *name;
	const char *value; /* NULL: the line stays as it is */
};

/* The setting of a line "name = value". */
static const struct setting *find_setting(const struct setting *settings, size_t count,
					  const char *line)
{
	size_t length = strcspn(line, " \t=");

	for (size_t i = 0; i < count; i++) {
		if (settings[i].value && strlen(settings[i].name) == length &&
		    strncmp(settings[i].name, line, length) == 0)
			return &settings[i];
	}
	return NULL;
}

static bool knows(const char *record, const char *name)
{
	cleanup_free char *line = xasprintf("\n%s =", name);

	return strstr(record, line) || str_starts(record, line + 1);
}

/* The record with the settings, each at the place of an older one or else at its end. */
static void change(char *record, const struct setting *settings, size_t count, struct strbuf *out)
{
	static const char end[] = "# END RECORD";
	char *rest = NULL;

	for (char *line = strtok_r(record, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!find_setting(settings, count, line) && !str_starts(line, end))
			strbuf_printf(out, "%s\n", line);
	}
	for (size_t i = 0; i < count; i++) {
		if (settings[i].value)
			strbuf_printf(out, "%s = %s\n", settings[i].name, settings[i].value);
	}
	strbuf_printf(out, "%s\n", end);
}

static int configure_file(const char *path, const struct iscsi_secret *secret, int login_ms,
			  struct err *err)
{
	cleanup_strbuf struct strbuf old = {0}, changed = {0};
	/* iscsid gives up after timeout x attempts. */
	int most_s = login_ms / 1000 - 1 > 1 ? login_ms / 1000 - 1 : 1;
	int attempts = (most_s + LOGIN_TIMEOUT_MAX_S - 1) / LOGIN_TIMEOUT_MAX_S;
	cleanup_free char *attempts_text = xasprintf("%d", attempts);
	cleanup_free char *timeout_text = xasprintf("%d", most_s / attempts);

	int rc = file_read(path, RECORD_MAX, &old, err);
	if (rc < 0)
		return rc;
	strbuf_puts(&old, "");
	/* Older ones always scan by themselves, and complain of a setting that they don't know. */
	bool can_wait = knows(old.text, "node.session.scan");
	const struct setting settings[] = {
		{"node.startup", "manual"},
		{"node.conn[0].startup", "manual"},
		{"node.session.nr_sessions", "1"},
		{"node.session.scan", can_wait ? "manual" : NULL},
		{"node.session.initial_login_retry_max", attempts_text},
		{"node.conn[0].timeo.login_timeout", timeout_text},
		{"node.session.auth.authmethod", secret ? "CHAP" : NULL},
		{"node.session.auth.username", secret ? secret->username : NULL},
		{"node.session.auth.password", secret ? secret->password : NULL},
		{"node.session.auth.username_in", secret ? secret->username_in : NULL},
		{"node.session.auth.password_in", secret ? secret->password_in : NULL},
	};
	change(old.text, settings, ARRAY_SIZE(settings), &changed);
	rc = file_replace(path, changed.text, changed.length, 0600, err);
	explicit_bzero(old.text, old.length);
	explicit_bzero(changed.text, changed.length);
	return rc;
}

int iscsi_record_configure(const char *path, const struct iscsi_secret *secret, int login_ms,
			   struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(err, errno, "node record '%s': %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return configure_file(path, secret, login_ms, err);
	cleanup_dir DIR *dir = opendir(path);
	int rc = 0;
	for (struct dirent *entry; dir && rc == 0 && (entry = readdir(dir));) {
		cleanup_free char *file = xasprintf("%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			rc = configure_file(file, secret, login_ms, err);
	}
	return rc;
}
