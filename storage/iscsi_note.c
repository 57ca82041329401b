/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes of what berth has made for a target at a portal.
 *
 * STATE/iscsi/IQN/PORTAL/ is a folder that is locked while somebody works on that target at that
 * portal. In it:
 *
 *     note      berth-iscsi 1        first line
 *               boot 8a1f...         of which boot the lines below "record" are
 *               record               the node record is berth's
 *               session              so is a session
 *               lun 1                the device of LUN 1 is, in that session
 *               lun 2 7              that of LUN 2 is, in session 7 of somebody else
 *     session   12                   the number of berth's session
 *
 * A folder without a note is removed by whoever unlocks it; who got the lock on a folder that has
 * been removed meanwhile starts again.
 */
#include "storage/iscsi_note.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/boot_id.h"
#include "base/file.h"
#include "base/lock_file.h"

#define HEAD "berth-iscsi 1"
#define NOTE_MAX 65536

/* --- LUNs --- */

const struct iscsi_note_lun *iscsi_note_find_lun(const struct iscsi_note *note, uint64_t lun)
{
	for (size_t i = 0; i < note->lun_count; i++) {
		if (note->luns[i].lun == lun)
			return &note->luns[i];
	}
	return NULL;
}

void iscsi_note_remove_lun(struct iscsi_note *note, uint64_t lun)
{
	size_t kept = 0;

	for (size_t i = 0; i < note->lun_count; i++) {
		if (note->luns[i].lun != lun)
			note->luns[kept++] = note->luns[i];
	}
	note->lun_count = kept;
}

void iscsi_note_add_lun(struct iscsi_note *note, uint64_t lun, int64_t sid)
{
	iscsi_note_remove_lun(note, lun);
	note->luns = xreallocarray(note->luns, note->lun_count + 1, sizeof(*note->luns));
	note->luns[note->lun_count++] = (struct iscsi_note_lun){lun, sid};
}

/* --- reading --- */

/* "lun 1" or "lun 2 7", behind "lun " */
static bool parse_lun(struct iscsi_note *note, const char *text)
{
	unsigned long long lun, sid;
	size_t length = strcspn(text, " ");
	cleanup_free char *first = xstrndup(text, length);

	if (!str_to_u64(first, &lun))
		return false;
	if (text[length] == '\0') {
		iscsi_note_add_lun(note, lun, ISCSI_OWN_SESSION);
		return true;
	}
	if (!str_to_u64(text + length + 1, &sid) || sid > UINT32_MAX)
		return false;
	iscsi_note_add_lun(note, lun, (int64_t)sid);
	return true;
}

static bool parse_line(struct iscsi_note *note, const char *line, const char *boot, bool *same_boot)
{
	if (str_starts(line, "boot ")) {
		*same_boot = str_equal(line + strlen("boot "), boot);
	} else if (str_equal(line, "record")) {
		note->record = true;
	} else if (str_equal(line, "session")) {
		note->session = *same_boot;
	} else if (str_starts(line, "lun ")) {
		return !*same_boot || parse_lun(note, line + strlen("lun "));
	} else {
		return false;
	}
	return true;
}

static int parse(struct iscsi_note *note, char *text, const char *path, struct err *err)
{
	cleanup_free char *boot = NULL;
	bool same_boot = false;
	char *rest = NULL;

	int rc = boot_id(&boot, err);
	if (rc < 0)
		return rc;
	char *line = strtok_r(text, "\n", &rest);
	bool fine = str_equal(line, HEAD);
	while (fine && (line = strtok_r(NULL, "\n", &rest)))
		fine = parse_line(note, line, boot, &same_boot);
	if (fine)
		return 0;
	return err_set(err, EINVAL,
		       "'%s': not what berth writes; remove it, and what berth has made for that "
		       "target",
		       path);
}

static int64_t read_sid(const char *folder)
{
	cleanup_free char *path = xasprintf("%s/session", folder);
	cleanup_strbuf struct strbuf text = {0};
	unsigned long long sid;
	struct err unused;

	if (file_read(path, 64, &text, &unused) < 0 || !text.text)
		return -1;
	/* Without its line break it may be a part of a number, which names another session. */
	char *end = strchr(text.text, '\n');
	if (!end)
		return -1;
	*end = '\0';
	return str_to_u64(text.text, &sid) && sid <= UINT32_MAX ? (int64_t)sid : -1;
}

static int load(struct iscsi_note *note, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/note", note->folder);
	cleanup_strbuf struct strbuf text = {0};

	int rc = file_read(path, NOTE_MAX, &text, err);
	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return rc;
	strbuf_puts(&text, "");
	rc = parse(note, text.text, path, err);
	if (rc == 0 && note->session)
		note->sid = read_sid(note->folder);
	return rc;
}

/* --- opening --- */

static char *note_folder(const struct volume_host *host, const char *iqn, const char *portal)
{
	return xasprintf("%s/iscsi/%s/%s", host->state, iqn, portal);
}

static int open_locked(struct iscsi_note *note, const struct volume_host *host, struct err *err)
{
	for (;;) {
		int rc = file_make_folders(note->folder, 0700, err);
		/* Somebody removed one meanwhile: before its child was made, or while it was looked
		 * at. */
		if ((rc == -ENOENT || rc == -EEXIST) && volume_pause(host, 1))
			continue;
		if (rc < 0)
			return rc;
		note->lock = lock_file(note->folder, O_RDONLY | O_DIRECTORY, host->deadline_ms);
		if (note->lock >= 0)
			return 0;
		rc = note->lock;
		note->lock = -1;
		if (rc == -ETIMEDOUT)
			return err_set(err, ETIMEDOUT,
				       "timed out waiting for another process that works on that "
				       "target (it has '%s' locked)",
				       note->folder);
		if (rc != -ENOENT)
			return err_set(err, -rc, "lock '%s': %s", note->folder, strerror(-rc));
	}
}

int iscsi_note_open(const struct volume_host *host, const char *iqn, const char *portal,
		    struct iscsi_note *ret, struct err *err)
{
	cleanup_iscsi_note struct iscsi_note note = ISCSI_NOTE_NONE;

	note.folder = note_folder(host, iqn, portal);
	int rc = open_locked(&note, host, err);
	if (rc == 0)
		rc = load(&note, err);
	if (rc < 0)
		return rc;
	*ret = note;
	note = ISCSI_NOTE_NONE;
	return 0;
}

int iscsi_note_peek(const struct volume_host *host, const char *iqn, const char *portal,
		    struct iscsi_note *ret, struct err *err)
{
	cleanup_iscsi_note struct iscsi_note note = ISCSI_NOTE_NONE;

	note.folder = note_folder(host, iqn, portal);
	int rc = load(&note, err);
	if (rc < 0)
		return rc;
	*ret = note;
	note = ISCSI_NOTE_NONE;
	return 0;
}

/* --- writing --- */

static bool is_empty(const struct iscsi_note *note)
{
	return !note->record && !note->session && note->lun_count == 0;
}

static int format(const struct iscsi_note *note, struct strbuf *out, struct err *err)
{
	cleanup_free char *boot = NULL;

	int rc = boot_id(&boot, err);
	if (rc < 0)
		return rc;
	strbuf_printf(out, HEAD "\nboot %s\n%s%s", boot, note->record ? "record\n" : "",
		      note->session ? "session\n" : "");
	for (size_t i = 0; i < note->lun_count; i++) {
		strbuf_printf(out, "lun %" PRIu64, note->luns[i].lun);
		if (note->luns[i].sid != ISCSI_OWN_SESSION)
			strbuf_printf(out, " %" PRId64, note->luns[i].sid);
		strbuf_puts(out, "\n");
	}
	return 0;
}

int iscsi_note_save_sid(struct iscsi_note *note, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/session", note->folder);
	cleanup_free char *text = xasprintf("%" PRId64 "\n", note->sid);

	if (note->sid < 0) {
		if (unlink(path) < 0 && errno != ENOENT)
			return err_set(err, errno, "remove '%s': %s", path, strerror(errno));
		return 0;
	}
	cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t put = fd < 0 ? -1 : write(fd, text, strlen(text));
	if (put == (ssize_t)strlen(text))
		return 0;
	int code = put < 0 ? errno : ENOSPC;
	unlink(path);
	return err_set(err, code, "write '%s': %s", path, strerror(code));
}

/* With what a killed file_replace() has left. */
static int remove_note(const struct iscsi_note *note, const char *path, struct err *err)
{
	cleanup_dir DIR *dir = opendir(note->folder);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (str_starts(entry->d_name, ".note."))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (unlink(path) < 0 && errno != ENOENT)
		return err_set(err, errno, "remove '%s': %s", path, strerror(errno));
	return file_sync_folder_of(path, err);
}

int iscsi_note_save(struct iscsi_note *note, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/note", note->folder);
	cleanup_strbuf struct strbuf text = {0};

	if (!note->session)
		note->sid = -1;
	int rc = iscsi_note_save_sid(note, err);
	if (rc < 0)
		return rc;
	if (is_empty(note))
		return remove_note(note, path, err);
	rc = format(note, &text, err);
	return rc < 0 ? rc : file_replace(path, text.text, text.length, 0600, err);
}

void iscsi_note_close(struct iscsi_note *note)
{
	/* What still holds something can't be removed, and stays. */
	if (note->lock >= 0 && rmdir(note->folder) == 0) {
		cleanup_free char *target = path_folder(note->folder);
		cleanup_free char *all = path_folder(target);
		if (rmdir(target) == 0)
			rmdir(all);
	}
	if (note->lock >= 0)
		close(note->lock);
	free(note->folder);
	free(note->luns);
	*note = ISCSI_NOTE_NONE;
}
