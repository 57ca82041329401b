/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal, as it is written: each line synced before anything else happens. */
#include "hooks/journal_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hooks/fields.h"
#include "hooks/volume_fields.h"

int journal_append(struct journal *journal, const struct strbuf *lines, struct err *err)
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
	if (step->kind == STEP_VOLUME || step->kind == STEP_FENCE)
		volume_fields_put(out, &step->volume);
	if (step->has_id)
		put_id(out, &step->id);
	strbuf_puts(out, "\n");
}

void journal_format_start(struct strbuf *out, const struct journal_start *start)
{
	strbuf_printf(out, JOURNAL_FORMAT_LINE "\nguest\tuuid=%s\tname=%s\ttoken=%s\tbegan=%lld",
		      start->uuid, start->name, start->token, (long long)time(NULL));
	field_put(out, "source", start->source);
	strbuf_puts(out, "\n");
	for (size_t i = 0; i < start->rename_count; i++)
		strbuf_printf(out, "rename\twhat=%s\tfrom=%s\tto=%s\n", start->renames[i].what,
			      start->renames[i].from, start->renames[i].to);
	for (size_t i = 0; i < start->step_count; i++)
		format_step(out, i, &start->steps[i]);
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

int journal_set_phase(struct journal *journal, enum journal_phase phase, struct err *err)
{
	cleanup_strbuf struct strbuf line = {0};
	time_t now = time(NULL);

	strbuf_printf(&line, "phase\tname=%s\tbegan=%lld\n", journal_phase_name(phase),
		      (long long)now);
	int rc = journal_append(journal, &line, err);
	if (rc < 0)
		return rc;
	journal->phase = phase;
	journal->phase_began = now;
	return 0;
}
