/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FOLDER/iscsi.conf: a section for each target or group of targets, four keys. */
#include "storage/iscsi_secrets.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"

/* iscsid has room for 255 (AUTH_STR_MAX_LEN). */
#define TEXT_MAX 255

static const struct key {
	const char *name;
	size_t offset;
} keys[] = {
	{"username", offsetof(struct iscsi_secret, username)},
	{"password", offsetof(struct iscsi_secret, password)},
	{"username_in", offsetof(struct iscsi_secret, username_in)},
	{"password_in", offsetof(struct iscsi_secret, password_in)},
};

/* The file being read. libinih tells no line number, so the reader counts; and it cuts the names of
 * sections after 49 characters, so the reader keeps them. */
struct reading {
	FILE *file;
	int line;
	char section[256];
	bool indented;
	bool too_long;
	const char *iqn;
	struct iscsi_secret best;
	size_t best_score;
	struct err *err;
	int error_line;
};

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void iscsi_secret_clear(struct iscsi_secret *secret)
{
	wipe(secret->username);
	wipe(secret->password);
	wipe(secret->username_in);
	wipe(secret->password_in);
	*secret = (struct iscsi_secret){0};
}

/* How well a section's name fits; 0: not at all. The name itself beats all patterns. */
static size_t score(const char *pattern, const char *iqn)
{
	size_t length = strlen(pattern);

	if (str_equal(pattern, iqn))
		return SIZE_MAX;
	if (length == 0 || pattern[length - 1] != '*')
		return 0;
	return strncmp(pattern, iqn, length - 1) == 0 ? length : 0;
}

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (str_equal(keys[i].name, name))
			return &keys[i];
	}
	return NULL;
}

static int check_value(const char *name, const char *value, struct err *err)
{
	size_t length = strlen(value);

	if (length == 0 || length > TEXT_MAX)
		return err_set(err, EINVAL, "%s: must have 1 to %d characters", name, TEXT_MAX);
	for (size_t i = 0; i < length; i++) {
		if (!isprint((unsigned char)value[i]))
			return err_set(err, EINVAL, "%s: only printable ASCII characters", name);
	}
	return 0;
}

static int take(struct reading *in, const char *name, const char *value)
{
	const struct key *key = find_key(name);

	if (!key)
		return err_set(in->err, EINVAL,
			       "unknown key; there are username, password, username_in and "
			       "password_in");
	if (in->indented)
		return err_set(in->err, EINVAL,
			       "this line begins with a blank, as if it went on with the line "
			       "before; take the blank away");
	if (check_value(name, value, in->err) < 0)
		return -EINVAL;
	size_t fits = score(in->section, in->iqn);
	if (fits == 0 || fits < in->best_score)
		return 0;
	if (fits > in->best_score)
		iscsi_secret_clear(&in->best);
	in->best_score = fits;
	char **field = (char **)((char *)&in->best + key->offset);
	if (*field)
		return err_set(in->err, EINVAL, "[%s] %s: is there twice", in->section, name);
	*field = xstrdup(value);
	return 0;
}

/* libinih's handler: 0 is an error, and parsing goes on; only the first error is kept. */
static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reading *in = user;

	(void)section;
	if (in->error_line || take(in, name, value) == 0)
		return 1;
	in->error_line = in->line;
	return 0;
}

static void keep_section(struct reading *in, const char *line)
{
	line += strspn(line, " \t");
	size_t length = strcspn(line, "]");
	if (line[0] == '[' && line[length] == ']' && length <= sizeof(in->section))
		snprintf(in->section, sizeof(in->section), "%.*s", (int)length - 1, line + 1);
	else if (line[0] == '[')
		in->section[0] = '\0';
}

/* libinih cuts a longer line in two without a word. */
static char *read_line(char *into, int size, void *user)
{
	struct reading *in = user;

	if (in->too_long || !fgets(into, size, in->file))
		return NULL;
	in->line++;
	size_t length = strlen(into);
	in->too_long = length > 0 && into[length - 1] != '\n' && !feof(in->file);
	in->indented = isblank((unsigned char)into[0]);
	keep_section(in, into);
	return in->too_long ? NULL : into;
}

/* A password without a name, or the target's without ours, is an oversight. */
static int check_whole(const struct iscsi_secret *secret, const char *iqn, struct err *err)
{
	if (!secret->username != !secret->password || !secret->username_in != !secret->password_in)
		return err_set(err, EINVAL, "target '%s': a username needs its password; add it",
			       iqn);
	if (secret->username_in && !secret->username)
		return err_set(err, EINVAL,
			       "target '%s': username_in needs username and password too; add them",
			       iqn);
	return 0;
}

static int check_owner(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "'%s': %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, EPERM, "'%s': is no regular file", path);
	if (st.st_uid != 0)
		return err_set(err, EPERM, "'%s': belongs to user %u; chown root it", path,
			       st.st_uid);
	if (st.st_mode & 07177)
		return err_set(err, EPERM, "'%s': has mode %04o; chmod 600 it", path,
			       st.st_mode & 07777);
	return 0;
}

static int parse(struct reading *in, const char *path)
{
	int wrong_line = ini_parse_stream(read_line, in, on_value, in);

	if (ferror(in->file))
		return err_set(in->err, EIO, "%s: cannot be read", path);
	if (in->error_line)
		return err_wrap(in->err, "%s:%d", path, in->error_line);
	if (in->too_long)
		return err_set(in->err, EINVAL, "%s:%d: line is too long", path, in->line);
	if (wrong_line)
		return err_set(in->err, EINVAL, "%s:%d: neither [target] nor 'key = value'", path,
			       wrong_line);
	return check_whole(&in->best, in->iqn, in->err) < 0 ? err_wrap(in->err, "%s", path) : 0;
}

int iscsi_secret_find(const char *folder, const char *iqn, struct iscsi_secret *ret,
		      struct err *err)
{
	cleanup_free char *path = xasprintf("%s/iscsi.conf", folder);
	cleanup_file FILE *file = NULL;

	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_set(err, errno, "open '%s': %s", path, strerror(errno));
	file = fdopen(fd, "r");
	int rc = check_owner(fd, path, err);
	if (rc < 0)
		return rc;
	struct reading in = {.file = file, .iqn = iqn, .err = err};
	rc = parse(&in, path);
	if (rc < 0 || !in.best.username) {
		iscsi_secret_clear(&in.best);
		return rc;
	}
	*ret = in.best;
	return 1;
}
