/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal, as it is written: each line synced before anything else happens. */
#include "hooks/journal/journal_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hooks/records/fields.h"
#include "hooks/records/volume_fields.h"

static int write_synced(int fd, const struct strbuf *lines)
{
	size_t put = 0;

	while (put < lines->length) {
		ssize_t n = write(fd, lines->text + put, lines->length - put);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		put += (size_t)n;
	}
	return fdatasync(fd) < 0 ? -errno : 0;
}

/* On a full disk a part of the lines may be there: the next line must not continue it. */
static bool cut_back(int fd, off_t length)
{
	return ftruncate(fd, length) == 0 && fsync(fd) == 0;
}

int journal_append(struct journal *journal, const struct strbuf *lines, struct err *err)
{
	struct stat st;

	if (fields_check(lines, err) < 0)
		return err_wrap(err, "journal '%s'", journal->path);
	if (journal->torn)
		return err_set(err, EIO,
			       "journal '%s': an earlier line was not written whole, and could not "
			       "be removed; no line may follow it",
			       journal->path);
	if (fstat(journal->fd, &st) < 0)
		return err_set(err, errno, "journal '%s': %s", journal->path, strerror(errno));
	if ((size_t)st.st_size + lines->length > JOURNAL_MAX_BYTES)
		return err_set(err, EFBIG, "journal '%s' would be larger than %zu bytes",
			       journal->path, JOURNAL_MAX_BYTES);
	int rc = write_synced(journal->fd, lines);
	if (rc == 0)
		return 0;
	journal->torn = !cut_back(journal->fd, st.st_size);
	return err_set(err, -rc, "journal '%s': write: %s", journal->path, strerror(-rc));
}

static void put_id(struct strbuf *out, const struct file_id *id)
{
	field_put_u64(out, "device", id->device);
	field_put_u64(out, "inode", id->inode);
	field_put_u64(out, "birth-ns", id->birth_ns);
}

static void format_step(struct strbuf *out, size_t index, const struct step *step)
{
	strbuf_printf(out, "step\tindex=%zu\tkind=%s", index, step_kind_name(step->kind));
	field_put(out, "path", step->path);
	field_put(out, "disk", step->disk);
	field_put(out, "aside", step->aside);
	field_put(out, "format", step->format);
	field_put_u64(out, "virtual-bytes", step->virtual_bytes);
	field_put_u64(out, "reserved-bytes", step->reserved_bytes);
	if (step->filesystem)
		field_put_u64(out, "filesystem", step->filesystem);
	field_put(out, "backing-path", step->backing_path);
	field_put(out, "backing-format", step->backing_format);
	if (step->kind == STEP_VOLUME || step->kind == STEP_FENCE)
		volume_fields_put(out, &step->volume);
	if (step->has_id)
		put_id(out, &step->id);
	strbuf_puts(out, "\n");
}

static void format_rename(struct strbuf *out, const struct rename *rename)
{
	strbuf_puts(out, "rename");
	field_put(out, "what", rename->what);
	field_put(out, "from", rename->from);
	field_put(out, "to", rename->to);
	strbuf_puts(out, "\n");
}

void journal_format_start(struct strbuf *out, const struct journal_start *start)
{
	strbuf_puts(out, JOURNAL_FORMAT_LINE "\nguest");
	field_put(out, "uuid", start->uuid);
	field_put(out, "name", start->name);
	field_put(out, "token", start->token);
	field_put_u64(out, "began", (uint64_t)time(NULL));
	field_put(out, "source", start->source);
	field_put(out, "boot", start->boot);
	strbuf_puts(out, "\n");
	for (size_t i = 0; i < start->rename_count; i++)
		format_rename(out, &start->renames[i]);
	for (size_t i = 0; i < start->step_count; i++)
		format_step(out, i, &start->steps[i]);
	compared_put(out, &start->compared);
}

/* What may follow: a line each that a step is done and undone (four numbers of up to 20 digits, and
 * their words), and the phases, some of which may be noted again at each try. */
#define STEP_LATER_BYTES 256
#define PHASES_BYTES 16384

size_t journal_full_bytes(const struct strbuf *lines, const struct journal_start *start)
{
	return lines->length + start->step_count * STEP_LATER_BYTES + PHASES_BYTES;
}

int journal_steps_done(struct journal *journal, size_t first, size_t count, struct err *err)
{
	cleanup_strbuf struct strbuf lines = {0};

	for (size_t i = first; i < first + count; i++) {
		const struct step *step = &journal->steps[i].step;
		strbuf_printf(&lines, "done\tindex=%zu", i);
		if (step->has_id)
			put_id(&lines, &step->id);
		strbuf_puts(&lines, "\n");
	}
	int rc = journal_append(journal, &lines, err);
	for (size_t i = first; i < first + count && rc == 0; i++)
		journal->steps[i].done = true;
	return rc;
}

int journal_step_undone(struct journal *journal, size_t index, struct err *err)
{
	cleanup_strbuf struct strbuf line = {0};

	strbuf_printf(&line, "undone\tindex=%zu\n", index);
	int rc = journal_append(journal, &line, err);
	if (rc < 0)
		return rc;
	journal->steps[index].undone = true;
	return 0;
}

/* @more: fields of that phase; an older berth passes over them. */
static int put_phase(struct journal *journal, enum journal_phase phase, const char *more,
		     struct err *err)
{
	cleanup_strbuf struct strbuf line = {0};
	time_t now = time(NULL);

	strbuf_printf(&line, "phase\tname=%s\tbegan=%lld%s\n", journal_phase_name(phase),
		      (long long)now, more);
	int rc = journal_append(journal, &line, err);
	if (rc < 0)
		return rc;
	journal->phase = phase;
	journal->phase_began = now;
	return 0;
}

int journal_set_phase(struct journal *journal, enum journal_phase phase, struct err *err)
{
	return put_phase(journal, phase, "", err);
}

int journal_set_started(struct journal *journal, bool gated, bool verified, struct err *err)
{
	cleanup_strbuf struct strbuf more = {0};

	strbuf_puts(&more, gated ? "\tgate=1" : "");
	strbuf_puts(&more, verified ? "\tverified=1" : "");
	int rc = put_phase(journal, PHASE_STARTED, more.text, err);
	if (rc < 0)
		return rc;
	journal->gated |= gated;
	journal->verified |= verified;
	return 0;
}
