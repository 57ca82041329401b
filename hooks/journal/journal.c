/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal.
 *
 * Theory of operation: a journal is a text file to which lines are appended, each synced before the
 * next action begins. All steps of a migration are written as "step" lines before the first is
 * done, so a run that was killed anywhere leaves behind what has to be undone. A last line without
 * a line break was being written when the machine stopped: what it announces had not begun, so it
 * is dropped. A line that the disk has no room for is cut off again by whoever wrote it, and where
 * that fails it writes no further line.
 *
 * Who has the file locked (flock) may act for its domain. The file is removed while it is locked;
 * whoever waited for it then finds that its name is gone or is another file, and starts again.
 *
 * Invariant: nobody calls libvirt while a journal is locked. libvirtd waits for hooks with the
 * domain locked, and hooks wait for the journal.
 *
 * A line is fields between tabs: a keyword, then key=value. Values hold no control characters: they
 * are checked where they come in (path_is_clean(), domain_parse()), and no line is written that has
 * one all the same (fields_check()), such as the name that a link leads to.
 */
#include "hooks/journal/journal_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock_file.h"
#include "base/strbuf.h"

static char *journal_folder(const struct site *site)
{
	return xasprintf("%s/journal", site->state);
}

static void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	for (size_t i = 0; i < journal->step_count; i++)
		step_clear(&journal->steps[i].step);
	for (size_t i = 0; i < journal->rename_count; i++) {
		free(journal->renames[i].what);
		free(journal->renames[i].from);
		free(journal->renames[i].to);
	}
	compared_clear(&journal->compared);
	free(journal->steps);
	free(journal->renames);
	free(journal->path);
	free(journal->name);
	free(journal->uuid);
	free(journal->token);
	free(journal->source);
	free(journal->boot);
	free(journal);
}

void journal_closep(struct journal **journal)
{
	journal_free(*journal);
	*journal = NULL;
}

static size_t whole_lines(const struct strbuf *text)
{
	const char *last = text->length ? memrchr(text->text, '\n', text->length) : NULL;

	return last ? (size_t)(last - text->text) + 1 : 0;
}

/* A crash may have cut the last line: the next one that is appended must not continue it. */
static int cut_unfinished_line(struct journal *journal, size_t whole, struct err *err)
{
	if (ftruncate(journal->fd, (off_t)whole) < 0)
		return err_set(err, errno, "journal '%s': truncate: %s", journal->path,
			       strerror(errno));
	return 0;
}

static int load(struct journal *journal, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};

	int rc = file_read_fd(journal->fd, JOURNAL_MAX_BYTES, &text, err);
	if (rc < 0)
		return err_wrap(err, "journal '%s'", journal->path);
	size_t whole = whole_lines(&text);
	rc = journal_read_text(journal, &text, err);
	return rc < 0 || whole == text.length ? rc : cut_unfinished_line(journal, whole, err);
}

/* Return: a locked descriptor, -ENOENT, -EEXIST, ... */
static int open_locked(const char *path, int flags)
{
	return lock_file(path, flags | O_RDWR | O_APPEND, LOCK_FILE_WAIT);
}

/* A journal that outgrows what is read can't be settled any more. */
static int check_it_fits(const struct strbuf *lines, const struct journal_start *start,
			 struct err *err)
{
	size_t bytes = journal_full_bytes(lines, start);

	if (bytes <= JOURNAL_MAX_BYTES)
		return 0;
	return err_set(err, E2BIG,
		       "%zu steps and %zu changed names make a journal of up to %zu bytes; %zu are "
		       "accepted; make the guest's folders on this host, or give it shorter paths",
		       start->step_count, start->rename_count, bytes, JOURNAL_MAX_BYTES);
}

static struct journal *journal_new(const struct site *site, const char *uuid)
{
	cleanup_free char *folder = journal_folder(site);
	struct journal *journal = xcalloc(1, sizeof(*journal));

	journal->path = xasprintf("%s/%s", folder, uuid);
	journal->uuid = xstrdup(uuid);
	journal->fd = -1;
	return journal;
}

int journal_create(const struct site *site, const struct journal_start *start, struct journal **ret,
		   struct err *err)
{
	cleanup_free char *folder = journal_folder(site);
	cleanup_journal struct journal *journal = journal_new(site, start->uuid);
	cleanup_strbuf struct strbuf lines = {0};

	journal_format_start(&lines, start);
	int rc = check_it_fits(&lines, start, err);
	if (rc == 0)
		rc = file_make_folders(folder, 0700, err);
	if (rc < 0)
		return rc;
	journal->fd = open_locked(journal->path, O_CREAT | O_EXCL);
	if (journal->fd < 0)
		return err_set(err, -journal->fd, "journal '%s': %s", journal->path,
			       strerror(-journal->fd));
	rc = journal_append(journal, &lines, err);
	if (rc == 0)
		rc = file_sync_folder_of(journal->path, err);
	if (rc == 0 && lseek(journal->fd, 0, SEEK_SET) < 0)
		rc = err_set(err, errno, "journal '%s': %s", journal->path, strerror(errno));
	if (rc == 0)
		rc = load(journal, err);
	if (rc < 0) {
		unlink(journal->path);
		return rc;
	}
	*ret = steal_pointer(journal);
	return 0;
}

int journal_open(const struct site *site, const char *uuid, struct journal **ret, struct err *err)
{
	cleanup_journal struct journal *journal = journal_new(site, uuid);

	journal->fd = open_locked(journal->path, 0);
	if (journal->fd == -ENOENT)
		return 0;
	if (journal->fd < 0)
		return err_set(err, -journal->fd, "journal '%s': %s", journal->path,
			       strerror(-journal->fd));
	int rc = load(journal, err);
	if (rc < 0)
		return rc;
	if (!journal->token) {
		/* Killed before the first line was whole: nothing had begun. */
		return journal_remove(&journal, err);
	}
	*ret = steal_pointer(journal);
	return 1;
}

int journal_peek(const struct site *site, const char *uuid, struct journal **ret, struct err *err)
{
	cleanup_journal struct journal *journal = journal_new(site, uuid);
	cleanup_strbuf struct strbuf text = {0};

	int rc = file_read(journal->path, JOURNAL_MAX_BYTES, &text, err);
	if (rc == -ENOENT)
		return 0;
	if (rc == 0)
		rc = journal_read_text(journal, &text, err);
	if (rc < 0 || !journal->token)
		return rc;
	*ret = steal_pointer(journal);
	return 1;
}

int journal_remove(struct journal **journal, struct err *err)
{
	cleanup_journal struct journal *mine = steal_pointer(*journal);

	if (unlink(mine->path) < 0 && errno != ENOENT)
		return err_set(err, errno, "journal '%s': remove: %s", mine->path, strerror(errno));
	return file_sync_folder_of(mine->path, err);
}

int journal_list(const struct site *site, char ***ret, size_t *ret_count, struct err *err)
{
	return site_list_uuids(site, "journal", ret, ret_count, err);
}
