/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal.
 *
 * Theory of operation: a journal is a text file to which lines are appended, each synced before the
 * next action begins. All steps of a migration are written as "step" lines before the first is
 * done, so a run that was killed anywhere leaves behind what has to be undone. A last line without
 * a line break was being written when the machine stopped: what it announces had not begun, so it
 * is dropped.
 *
 * Who has the file locked (flock) may act for its domain. The file is removed while it is locked;
 * whoever waited for it then finds that its name is gone or is another file, and starts again.
 *
 * Invariant: nobody calls libvirt while a journal is locked. libvirtd waits for hooks with the
 * domain locked, and hooks wait for the journal.
 *
 * A line is fields between tabs: a keyword, then key=value. Values hold no control characters:
 * paths and names are checked where they come in (path_is_clean(), domain_parse()).
 */
#include "hooks/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/fields.h"

#define JOURNAL_MAX_BYTES (4 << 20)
#define FORMAT_LINE "berth-journal\t1"

static const char *const phase_names[] = {
	[PHASE_BUILDING] = "building",   [PHASE_PREPARED] = "prepared",
	[PHASE_PREPARING] = "preparing", [PHASE_STARTED] = "started",
	[PHASE_NEVER_RAN] = "never-ran", [PHASE_RAN] = "ran",
};
_Static_assert(ARRAY_SIZE(phase_names) == JOURNAL_PHASES, "each phase has a name");

const char *journal_phase_name(enum journal_phase phase)
{
	return phase_names[phase];
}

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
	free(journal->steps);
	free(journal->renames);
	free(journal->path);
	free(journal->name);
	free(journal->uuid);
	free(journal->token);
	free(journal->source);
	free(journal);
}

void journal_closep(struct journal **journal)
{
	journal_free(*journal);
	*journal = NULL;
}

/* --- writing --- */

static int append(struct journal *journal, const struct strbuf *lines, struct err *err)
{
	size_t put = 0;

	while (put < lines->length) {
		ssize_t n = write(journal->fd, lines->text + put, lines->length - put);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, errno, "journal '%s': write: %s", journal->path,
			               strerror(errno));
		put += (size_t)n;
	}
	if (fdatasync(journal->fd) < 0)
		return err_set(err, errno, "journal '%s': sync: %s", journal->path,
		               strerror(errno));
	return 0;
}

static void put_id(struct strbuf *out, const struct file_id *id)
{
	field_put_u64(out, "device", id->device);
	field_put_u64(out, "inode", id->inode);
	field_put_u64(out, "birth-ns", id->birth_ns);
}

static void format_step(struct strbuf *out, size_t index, const struct step *step)
{
	strbuf_printf(out, "step\tindex=%zu\tkind=%s\tpath=%s", index, step_kind_name(step->kind),
	              step->path);
	field_put(out, "disk", step->disk);
	field_put(out, "aside", step->aside);
	field_put(out, "format", step->format);
	field_put_u64(out, "virtual-bytes", step->virtual_bytes);
	field_put_u64(out, "reserved-bytes", step->reserved_bytes);
	field_put(out, "backing-path", step->backing_path);
	field_put(out, "backing-format", step->backing_format);
	if (step->has_id)
		put_id(out, &step->id);
	strbuf_puts(out, "\n");
}

static void format_start(struct strbuf *out, const struct journal_start *start)
{
	strbuf_printf(out, FORMAT_LINE "\nguest\tuuid=%s\tname=%s\ttoken=%s\tbegan=%lld",
	              start->uuid, start->name, start->token, (long long)time(NULL));
	field_put(out, "source", start->source);
	strbuf_puts(out, "\n");
	for (size_t i = 0; i < start->rename_count; i++)
		strbuf_printf(out, "rename\twhat=%s\tfrom=%s\tto=%s\n", start->renames[i].what,
		              start->renames[i].from, start->renames[i].to);
	for (size_t i = 0; i < start->step_count; i++)
		format_step(out, i, &start->steps[i]);
}

int journal_step_done(struct journal *journal, size_t index, const struct step *step,
                      struct err *err)
{
	cleanup_strbuf struct strbuf line = {0};
	struct step_record *record = &journal->steps[index];

	strbuf_printf(&line, "done\tindex=%zu", index);
	if (step->has_id)
		put_id(&line, &step->id);
	strbuf_puts(&line, "\n");
	int rc = append(journal, &line, err);
	if (rc < 0)
		return rc;
	record->done = true;
	record->step.id = step->id;
	record->step.has_id = step->has_id;
	return 0;
}

int journal_step_undone(struct journal *journal, size_t index, struct err *err)
{
	cleanup_strbuf struct strbuf line = {0};

	strbuf_printf(&line, "undone\tindex=%zu\n", index);
	int rc = append(journal, &line, err);
	if (rc < 0)
		return rc;
	journal->steps[index].undone = true;
	return 0;
}

int journal_set_phase(struct journal *journal, enum journal_phase phase, struct err *err)
{
	cleanup_strbuf struct strbuf line = {0};
	time_t now = time(NULL);

	strbuf_printf(&line, "phase\tname=%s\tbegan=%lld\n", phase_names[phase], (long long)now);
	int rc = append(journal, &line, err);
	if (rc < 0)
		return rc;
	journal->phase = phase;
	journal->phase_began = now;
	return 0;
}

/* --- reading --- */

static int read_guest(struct journal *journal, const struct fields *line)
{
	uint64_t began;

	if (journal->token || !field(line, "name") || !field(line, "token") ||
	    !field_u64(line, "began", &began))
		return -EBADMSG;
	journal->name = xstrdup(field(line, "name"));
	journal->token = xstrdup(field(line, "token"));
	journal->source = xstrdup(field(line, "source"));
	journal->began = (time_t)began;
	journal->phase_began = (time_t)began;
	return 0;
}

static int read_rename(struct journal *journal, const struct fields *line)
{
	if (!field(line, "what") || !field(line, "from") || !field(line, "to"))
		return -EBADMSG;
	journal->renames = xreallocarray(journal->renames, journal->rename_count + 1,
	                                 sizeof(*journal->renames));
	journal->renames[journal->rename_count++] = (struct rename){
		.what = xstrdup(field(line, "what")),
		.from = xstrdup(field(line, "from")),
		.to = xstrdup(field(line, "to")),
	};
	return 0;
}

static void read_id(struct step *step, const struct fields *line)
{
	struct file_id id;

	if (field_u64(line, "device", &id.device) && field_u64(line, "inode", &id.inode) &&
	    field_u64(line, "birth-ns", &id.birth_ns)) {
		step->id = id;
		step->has_id = true;
	}
}

static int read_step(struct journal *journal, const struct fields *line)
{
	int kind = field(line, "kind") ? step_kind_find(field(line, "kind")) : -1;

	if (kind < 0 || !field(line, "path"))
		return -EBADMSG;
	journal->steps = xreallocarray(journal->steps, journal->step_count + 1,
	                               sizeof(*journal->steps));
	struct step_record *record = &journal->steps[journal->step_count++];
	*record = (struct step_record){.step = {
	                                       .kind = (enum step_kind)kind,
	                                       .disk = xstrdup(field(line, "disk")),
	                                       .path = xstrdup(field(line, "path")),
	                                       .aside = xstrdup(field(line, "aside")),
	                                       .format = xstrdup(field(line, "format")),
	                                       .backing_path = xstrdup(field(line, "backing-path")),
	                                       .backing_format =
	                                               xstrdup(field(line, "backing-format")),
	                               }};
	field_u64(line, "virtual-bytes", &record->step.virtual_bytes);
	field_u64(line, "reserved-bytes", &record->step.reserved_bytes);
	read_id(&record->step, line);
	return 0;
}

static struct step_record *indexed_step(struct journal *journal, const struct fields *line)
{
	uint64_t index;

	if (!field_u64(line, "index", &index) || index >= journal->step_count)
		return NULL;
	return &journal->steps[index];
}

static int read_done(struct journal *journal, const struct fields *line)
{
	struct step_record *record = indexed_step(journal, line);

	if (!record)
		return -EBADMSG;
	record->done = true;
	read_id(&record->step, line);
	return 0;
}

static int read_undone(struct journal *journal, const struct fields *line)
{
	struct step_record *record = indexed_step(journal, line);

	if (!record)
		return -EBADMSG;
	record->undone = true;
	return 0;
}

static int read_phase(struct journal *journal, const struct fields *line)
{
	const char *name = field(line, "name");
	uint64_t began;

	for (size_t i = 0; name && i < JOURNAL_PHASES; i++) {
		if (strcmp(phase_names[i], name) != 0)
			continue;
		if (!field_u64(line, "began", &began))
			return -EBADMSG;
		journal->phase = (enum journal_phase)i;
		journal->phase_began = (time_t)began;
		return 0;
	}
	return -EBADMSG;
}

static const struct keyword {
	const char *word;
	int (*read)(struct journal *journal, const struct fields *line);
} keywords[] = {
	{"guest", read_guest}, {"rename", read_rename}, {"step", read_step},
	{"done", read_done},   {"undone", read_undone}, {"phase", read_phase},
};

static int read_line(struct journal *journal, char *text)
{
	struct fields line;

	fields_split(&line, text);
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (strcmp(keywords[i].word, line.word) == 0)
			return keywords[i].read(journal, &line);
	}
	return -EBADMSG;
}

static int read_lines(struct journal *journal, char *text)
{
	int number = 0;
	char *end;

	for (char *line = text; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		number++;
		if (number == 1 && strcmp(line, FORMAT_LINE) != 0)
			return number;
		if (number > 1 && read_line(journal, line) < 0)
			return number;
	}
	return 0;
}

/* A crash may have cut the last line: the next one that is appended must not continue it. */
static int cut_unfinished_line(struct journal *journal, const struct strbuf *text, struct err *err)
{
	const char *last = text->length ? memrchr(text->text, '\n', text->length) : NULL;
	size_t whole = last ? (size_t)(last - text->text) + 1 : 0;

	if (whole < text->length && ftruncate(journal->fd, (off_t)whole) < 0)
		return err_set(err, errno, "journal '%s': truncate: %s", journal->path,
		               strerror(errno));
	return 0;
}

static int read_text(struct journal *journal, struct strbuf *text, struct err *err)
{
	int wrong = text->length ? read_lines(journal, text->text) : 0;

	if (wrong)
		return err_set(err, EBADMSG,
		               "journal '%s': line %d is not understood; is it from a newer berth?",
		               journal->path, wrong);
	return 0;
}

static int load(struct journal *journal, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};

	int rc = file_read_fd(journal->fd, JOURNAL_MAX_BYTES, &text, err);
	if (rc < 0)
		return err_wrap(err, "journal '%s'", journal->path);
	rc = cut_unfinished_line(journal, &text, err);
	return rc < 0 ? rc : read_text(journal, &text, err);
}

/* --- opening --- */

/* Return: 1 locked, 0 the name is gone or names another file by now, or a negative errno. */
static int lock_named_file(int fd, const char *path)
{
	struct stat opened, named;

	while (flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (fstat(fd, &opened) < 0)
		return -errno;
	if (stat(path, &named) < 0)
		return errno == ENOENT ? 0 : -errno;
	return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/* Return: a locked descriptor, -ENOENT, -EEXIST, ... */
static int open_locked(const char *path, int flags)
{
	for (;;) {
		cleanup_close int fd = open(path, flags | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		int rc = lock_named_file(fd, path);
		if (rc < 0)
			return rc;
		if (rc > 0)
			return steal_fd(fd);
	}
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

int journal_create(const struct site *site, const struct journal_start *start,
                   struct journal **ret, struct err *err)
{
	cleanup_free char *folder = journal_folder(site);
	cleanup_journal struct journal *journal = journal_new(site, start->uuid);
	cleanup_strbuf struct strbuf lines = {0};

	int rc = file_make_folders(folder, 0700, err);
	if (rc < 0)
		return rc;
	journal->fd = open_locked(journal->path, O_CREAT | O_EXCL);
	if (journal->fd < 0)
		return err_set(err, -journal->fd, "journal '%s': %s", journal->path,
		               strerror(-journal->fd));
	format_start(&lines, start);
	rc = append(journal, &lines, err);
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
		rc = read_text(journal, &text, err);
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
