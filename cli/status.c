/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth status: migrations that are under way or unsettled, images and volumes that berth knows
 * here, ports. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/guest_domain.h"
#include "cli/ports.h"
#include "config/config.h"
#include "hooks/journal/journal.h"
#include "hooks/records/image_record.h"
#include "hooks/records/site.h"
#include "hooks/records/volume_record.h"

/* One line of either table. */
struct line {
	char *guest;
	char *uuid;
	const char *state;
	char *object;
	char *since;
};

struct table {
	struct line *lines;
	size_t count;
};

/* One guest's file that can't be read: told, and the others are shown. */
static void say_unread(const struct options *options, const char *uuid, const struct err *err)
{
	if (!options->guest || strcmp(options->guest, uuid) == 0)
		fprintf(stderr, "berth: %s: %s\n", uuid, err->text);
}

static char *format_time(time_t when)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(when, text);
	return xstrdup(text);
}

static void add_line(struct table *table, struct line line)
{
	table->lines = xreallocarray(table->lines, table->count + 1, sizeof(*table->lines));
	table->lines[table->count++] = line;
}

static void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->lines[i].guest);
		free(table->lines[i].uuid);
		free(table->lines[i].object);
		free(table->lines[i].since);
	}
	free(table->lines);
}

static int collect_journals(const struct options *options, struct table *table, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = journal_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		cleanup_journal struct journal *journal = NULL;
		struct err unread;
		int found = journal_peek(&this_site, uuids[i], &journal, &unread);
		if (found < 0)
			say_unread(options, uuids[i], &unread);
		if (found <= 0 || (options->guest && strcmp(options->guest, journal->name) != 0 &&
				   strcmp(options->guest, uuids[i]) != 0))
			continue;
		add_line(table, (struct line){
					.guest = xstrdup(journal->name),
					.uuid = xstrdup(uuids[i]),
					.state = journal_phase_name(journal->phase),
					.object = xasprintf("from host %s, %zu step%s",
							    journal->source ? journal->source : "?",
							    journal->step_count,
							    journal->step_count == 1 ? "" : "s"),
					.since = format_time(journal->began),
				});
	}
	site_free_uuids(uuids, count);
	return rc < 0 ? rc : 0;
}

static int collect_images(const struct options *options, struct table *table, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = image_record_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		cleanup_image_record struct image_record *record = NULL;
		struct err unread;
		int found = image_record_load(&this_site, uuids[i], &record, &unread);
		if (found < 0)
			say_unread(options, uuids[i], &unread);
		if (found < 0 || (options->guest && !str_equal(options->guest, record->name) &&
				  strcmp(options->guest, uuids[i]) != 0))
			continue;
		for (size_t j = 0; j < record->count; j++)
			add_line(table, (struct line){
						.guest = xstrdup(record->name),
						.uuid = xstrdup(uuids[i]),
						.state = image_state_name(record->images[j].state),
						.object = xstrdup(record->images[j].path),
						.since = format_time(record->images[j].since),
					});
	}
	site_free_uuids(uuids, count);
	return rc < 0 ? rc : 0;
}

static int collect_volumes(const struct options *options, struct table *table, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = volume_record_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		cleanup_volume_record struct volume_record *record = NULL;
		struct err unread;
		int found = volume_record_load(&this_site, uuids[i], &record, &unread);
		if (found < 0)
			say_unread(options, uuids[i], &unread);
		if (found < 0 || (options->guest && !str_equal(options->guest, record->name) &&
				  strcmp(options->guest, uuids[i]) != 0))
			continue;
		for (size_t j = 0; j < record->count; j++) {
			const struct known_volume *known = &record->volumes[j];
			struct strbuf what = {0};
			strbuf_printf(&what, "%s: ", known->target);
			volume_describe(&known->volume, &what);
			add_line(table, (struct line){
						.guest = xstrdup(record->name),
						.uuid = xstrdup(uuids[i]),
						.state = volume_state_name(known->state),
						.object = strbuf_steal(&what),
						.since = format_time(known->since),
					});
		}
	}
	site_free_uuids(uuids, count);
	return rc < 0 ? rc : 0;
}

static void print_table(const char *title, const char *const *heads, const struct table *table)
{
	int guest = (int)strlen(heads[0]), state = (int)strlen(heads[1]);

	printf("%s\n", title);
	if (table->count == 0) {
		puts("  none");
		return;
	}
	for (size_t i = 0; i < table->count; i++) {
		int length = (int)strlen(table->lines[i].guest ? table->lines[i].guest : "?");
		guest = length > guest ? length : guest;
		length = (int)strlen(table->lines[i].state);
		state = length > state ? length : state;
	}
	printf("  %-*s  %-*s  %-19s  %s\n", guest, heads[0], state, heads[1], heads[2], heads[3]);
	for (size_t i = 0; i < table->count; i++) {
		const struct line *line = &table->lines[i];
		printf("  %-*s  %-*s  %-19s  %s\n", guest, line->guest ? line->guest : "?", state,
		       line->state, line->since, line->object);
	}
}

static void table_to_json(const struct table *table, const char *object, struct strbuf *out)
{
	strbuf_puts(out, "[");
	for (size_t i = 0; i < table->count; i++) {
		const struct line *line = &table->lines[i];
		strbuf_puts(out, i ? ", {\"guest\": " : "{\"guest\": ");
		json_string(out, line->guest);
		strbuf_puts(out, ", \"uuid\": ");
		json_string(out, line->uuid);
		strbuf_puts(out, ", \"state\": ");
		json_string(out, line->state);
		strbuf_puts(out, ", \"since\": ");
		json_string(out, line->since);
		strbuf_printf(out, ", \"%s\": ", object);
		json_string(out, line->object);
		strbuf_puts(out, "}");
	}
	strbuf_puts(out, "]");
}

static void print_json(const struct table *journals, const struct table *images,
		       const struct table *volumes, const struct port_lines *ports)
{
	cleanup_strbuf struct strbuf out = {0};

	strbuf_puts(&out, "{\"migrations\": ");
	table_to_json(journals, "detail", &out);
	strbuf_puts(&out, ", \"images\": ");
	table_to_json(images, "path", &out);
	strbuf_puts(&out, ", \"volumes\": ");
	table_to_json(volumes, "volume", &out);
	strbuf_puts(&out, ", \"ports\": ");
	port_lines_to_json(ports, &out);
	strbuf_puts(&out, "}\n");
	fputs(out.text, stdout);
}

static void print_text(const struct table *journals, const struct table *images,
		       const struct table *volumes, const struct port_lines *ports)
{
	static const char *const journal_heads[] = {"GUEST", "PHASE", "BEGAN", "DETAIL"};
	static const char *const image_heads[] = {"GUEST", "STATE", "SINCE", "IMAGE"};
	static const char *const volume_heads[] = {"GUEST", "STATE", "SINCE", "VOLUME"};

	print_table("Migrations to this host that are not settled:", journal_heads, journals);
	print_table("Images that berth knows on this host:", image_heads, images);
	print_table("Volumes that berth knows on this host:", volume_heads, volumes);
	port_lines_print(ports);
}

static int run(const struct options *options, struct err *err)
{
	cleanup_config struct config *config = NULL;
	cleanup_port_lines struct port_lines ports = {0};
	struct table journals = {0}, images = {0}, volumes = {0};

	/* A mistake in the configuration is the first thing to know. */
	int rc = config_load(this_site.config, &config, err);
	if (rc == 0)
		rc = collect_journals(options, &journals, err);
	if (rc == 0)
		rc = collect_images(options, &images, err);
	if (rc == 0)
		rc = collect_volumes(options, &volumes, err);
	if (rc == 0)
		rc = port_lines_collect(config, options->guest, &ports, err);
	if (rc == 0 && options->guest &&
	    journals.count + images.count + volumes.count + ports.count == 0)
		rc = guest_must_exist(options->guest, err);
	if (rc == 0 && options->json)
		print_json(&journals, &images, &volumes, &ports);
	else if (rc == 0)
		print_text(&journals, &images, &volumes, &ports);
	table_clear(&journals);
	table_clear(&images);
	table_clear(&volumes);
	return rc;
}

const struct verb verb_status = {
	.name = "status",
	.arguments = "[--json] [GUEST]",
	.summary = "migrations to this host, known images and volumes, ports",
	.options = " --json ",
	.run = run,
};
