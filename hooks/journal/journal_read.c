/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal, as it is read: one function a keyword. */
#include "hooks/journal/journal_text.h"

#include <errno.h>
#include <string.h>

#include "hooks/records/fields.h"
#include "hooks/records/volume_fields.h"

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

static int read_guest(struct journal *journal, const struct fields *line)
{
	uint64_t began;

	if (journal->token || !field(line, "name") || !field(line, "token") ||
	    !field_u64(line, "began", &began))
		return -EBADMSG;
	journal->name = xstrdup(field(line, "name"));
	journal->token = xstrdup(field(line, "token"));
	journal->source = xstrdup(field(line, "source"));
	journal->boot = xstrdup(field(line, "boot"));
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
	journal->steps =
		xreallocarray(journal->steps, journal->step_count + 1, sizeof(*journal->steps));
	struct step_record *record = &journal->steps[journal->step_count++];
	*record = (struct step_record){
		.step = {
			.kind = (enum step_kind)kind,
			.disk = xstrdup(field(line, "disk")),
			.path = xstrdup(field(line, "path")),
			.aside = xstrdup(field(line, "aside")),
			.format = xstrdup(field(line, "format")),
			.backing_path = xstrdup(field(line, "backing-path")),
			.backing_format = xstrdup(field(line, "backing-format")),
		}};
	field_u64(line, "virtual-bytes", &record->step.virtual_bytes);
	field_u64(line, "reserved-bytes", &record->step.reserved_bytes);
	field_u64(line, "filesystem", &record->step.filesystem);
	read_id(&record->step, line);
	return kind == STEP_VOLUME || kind == STEP_FENCE
		       ? volume_fields_get(line, &record->step.volume)
		       : 0;
}

static int read_compared(struct journal *journal, const struct fields *line)
{
	return compared_get(line, &journal->compared);
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
		journal->gated |= field(line, "gate") != NULL;
		journal->verified |= field(line, "verified") != NULL;
		return 0;
	}
	return -EBADMSG;
}

static const struct keyword {
	const char *word;
	int (*read)(struct journal *journal, const struct fields *line);
} keywords[] = {
	{"guest", read_guest},       {"rename", read_rename}, {"step", read_step},
	{"done", read_done},         {"undone", read_undone}, {"phase", read_phase},
	{"compared", read_compared},
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

/* A last line without a line break is passed over. Return: 0, or the number of the first wrong
 * line. */
static int read_lines(struct journal *journal, const struct strbuf *text)
{
	const char *text_end = text->text + text->length;
	int number = 0;
	char *end;

	for (char *line = text->text; (end = memchr(line, '\n', (size_t)(text_end - line)));
	     line = end + 1) {
		*end = '\0';
		number++;
		if (strlen(line) != (size_t)(end - line))
			return number;
		if (number == 1 && strcmp(line, JOURNAL_FORMAT_LINE) != 0)
			return number;
		if (number > 1 && read_line(journal, line) < 0)
			return number;
	}
	return 0;
}

int journal_read_text(struct journal *journal, struct strbuf *text, struct err *err)
{
	int wrong = text->length ? read_lines(journal, text) : 0;

	if (wrong)
		return err_set(err, EBADMSG,
			       "journal '%s': line %d is not understood; is it from a newer berth?",
			       journal->path, wrong);
	return 0;
}
