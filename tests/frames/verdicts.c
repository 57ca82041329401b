/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdicts tracking|stateless FIREWALL-TOOL TABLE [OPTION]...: what the table says passes and what
 * it says doesn't
 *
 * In a network namespace that tests/frames/topology.sh has furnished; prints TAP. The OPTIONs are
 * firewall-tool's. tests/data/verdicts/README.md describes tables.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/frames/policy.h"
#include "tests/frames/ports.h"

#define POLICY_FILE "/run/frames-policy.xml"
#define OPTIONS_MAX 8
#define LINE_MAX_BYTES 1024

struct table {
	const char *mode; /* "tracking" or "stateless" */
	struct policy_tool tool;
	const char *options[OPTIONS_MAX + 1];
	char option_words[LINE_MAX_BYTES];
	size_t fixed_options; /* the first of them: for all cases */
	struct ports ports;
	char title[128];
	FILE *policy; /* being written */
	unsigned policy_ports;
	unsigned kernel_ports; /* that have a program */
	bool fresh;            /* nothing was put in this case */
	unsigned line;
	unsigned frames; /* sent, for their numbers */
	unsigned tests;
	unsigned failed;
};

/* --- one line --- */

/* struct verdict - a line of the table */
struct verdict {
	struct path path;
	bool pass;
	uint16_t tag;
	const char *description;
};

static void clear_identification(const struct frames *frames, struct frame *frame)
{
	if (frames->fragment_id_at > 0 && frame->length > frames->fragment_id_at + 4)
		memset(frame->bytes + frames->fragment_id_at, 0, 4);
}

static void show(const char *what, const struct frame *frame)
{
	printf("# %s:", what);
	for (size_t i = 0; i < frame->length && i < 200; i++)
		printf("%s%02x", i % 16 ? "" : " ", frame->bytes[i]);
	putchar('\n');
}

/* Sends the frames and a marker. Return: what arrived before the marker. */
static struct frames exchange(struct table *table, const struct verdict *verdict,
			      const struct frames *sent, struct frame *marker)
{
	int from = port_fd(&table->ports, verdict->path.from);
	int to = port_fd(&table->ports, verdict->path.to);
	struct frames got = {0};
	struct frame frame;

	ports_drain(&table->ports);
	for (size_t i = 0; i < sent->count; i++)
		port_send(from, &sent->items[i]);
	port_send(from, &marker[0]);
	while (port_receive(to, &frame, DEADLINE_MS)) {
		if (frame_equal(&frame, &marker[1]))
			return got;
		if (got.count < FRAMES_MAX)
			got.items[got.count++] = frame;
	}
	printf("# the marker has not arrived\n");
	got.count = FRAMES_MAX;
	return got;
}

/* Tags a frame where the uplink is a trunk. Return: as @port has it. */
static struct frame on_port(const struct frame *frame, const char *port, uint16_t tag)
{
	struct frame ret = *frame;

	if (tag && strcmp(port, "out") == 0)
		frame_insert_tag(&ret, tag);
	return ret;
}

static bool all_arrived(const struct frames *expected, const struct frames *got)
{
	bool seen[FRAMES_MAX] = {0};

	for (size_t i = 0; i < expected->count; i++) {
		struct frame wanted = expected->items[i];
		clear_identification(expected, &wanted);
		size_t j = 0;
		for (; j < got->count; j++) {
			struct frame frame = got->items[j];
			clear_identification(expected, &frame);
			if (!seen[j] && frame_equal(&frame, &wanted))
				break;
		}
		if (j == got->count)
			return false;
		seen[j] = true;
	}
	return got->count == expected->count;
}

/* Return: whether the verdict is right: all of the packet arrived unchanged, or nothing. */
static bool is_right(struct table *table, const struct verdict *verdict,
		     const struct frames *frames)
{
	struct frames sent = *frames, expected = *frames;
	struct frame plain, marker[2];

	for (size_t i = 0; i < frames->count; i++) {
		sent.items[i] = on_port(&frames->items[i], verdict->path.from, verdict->tag);
		expected.items[i] = on_port(&frames->items[i], verdict->path.to, verdict->tag);
	}
	if (!verdict->pass)
		expected.count = 0;
	marker_build(&(struct path){verdict->path.from, verdict->path.to, ++table->frames}, &plain);
	marker[0] = on_port(&plain, verdict->path.from, verdict->tag);
	marker[1] = on_port(&plain, verdict->path.to, verdict->tag);
	struct frames got = exchange(table, verdict, &sent, marker);
	if (all_arrived(&expected, &got))
		return true;
	for (size_t i = 0; i < sent.count; i++)
		show("sent", &sent.items[i]);
	for (size_t i = 0; i < got.count; i++)
		show("arrived", &got.items[i]);
	return false;
}

static void judge(struct table *table, struct verdict *verdict, struct words *words)
{
	struct frames frames;

	verdict->tag = (uint16_t)word_number(words, "tag", 0);
	verdict->path.number = ++table->frames;
	frames_build(words, &verdict->path, &frames);
	bool right = is_right(table, verdict, &frames);
	table->failed += !right;
	printf("%s %u - %s: %s>%s %s %s\n", right ? "ok" : "not ok", ++table->tests, table->title,
	       verdict->path.from, verdict->path.to, verdict->pass ? "pass" : "drop",
	       verdict->description);
}

/* --- the table --- */

static void add_policy_line(struct table *table, const char *line)
{
	if (!table->policy)
		table->policy = fopen(POLICY_FILE, "we");
	if (!table->policy)
		die("'%s': can't be written", POLICY_FILE);
	for (const char *at = line; (at = strstr(at, "<port ")); at++)
		table->policy_ports++;
	fputs(line, table->policy);
}

static void end_policy(struct table *table)
{
	if (!table->policy)
		return;
	fclose(table->policy);
	table->policy = NULL;
	/* What a put replaces need not be removed before. */
	if (table->fresh && table->policy_ports < table->kernel_ports)
		policy_remove(&table->tool);
	policy_put(&table->tool, POLICY_FILE);
	table->kernel_ports = table->policy_ports;
	table->policy_ports = 0;
	table->fresh = false;
}

/* A case without a policy. */
static void need_policy(struct table *table)
{
	if (!table->fresh)
		return;
	policy_remove(&table->tool);
	table->kernel_ports = 0;
	table->fresh = false;
}

/* "== TITLE": nothing is left of the last case. */
static void begin_case(struct table *table, char *line)
{
	size_t length = strcspn(line + 3, "\n");

	snprintf(table->title, sizeof(table->title), "%.*s", (int)length, line + 3);
	table->fresh = true;
	if (strcmp(table->mode, "tracking") == 0)
		connections_forget();
	table->options[table->fixed_options] = NULL;
}

static void read_path(const char *text, struct path *path)
{
	static const char *const ports[] = {"vnet0", "vnet1", "vnet2", "out"};

	if (strcmp(text, "in") == 0)
		text = "out>vnet0";
	else if (strcmp(text, "out") == 0)
		text = "vnet0>out";
	const char *to = strchr(text, '>');
	*path = (struct path){0};
	for (size_t i = 0; to && i < ARRAY_SIZE(ports); i++) {
		size_t length = strlen(ports[i]);
		if ((size_t)(to - text) == length && strncmp(text, ports[i], length) == 0)
			path->from = ports[i];
		if (strcmp(to + 1, ports[i]) == 0)
			path->to = ports[i];
	}
	if (!path->from || !path->to)
		die("'%s': neither 'in' nor 'out' nor PORT>PORT", text);
}

/* "MODE PATH pass|drop FRAME" */
static void read_verdict(struct table *table, char *line)
{
	struct verdict verdict = {0};
	char text[512] = "";
	struct words all;

	words_split(line, &all);
	if (all.count < 4)
		die("line %u: not a verdict", table->line);
	for (size_t i = 3; i < all.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 3 ? " " : "",
			 all.items[i]);
	verdict.description = text;
	read_path(all.items[1], &verdict.path);
	verdict.pass = strcmp(all.items[2], "pass") == 0;
	if (!verdict.pass && strcmp(all.items[2], "drop") != 0)
		die("line %u: '%s': neither pass nor drop", table->line, all.items[2]);
	if (strcmp(all.items[0], "both") != 0 && strcmp(all.items[0], "tracking") != 0 &&
	    strcmp(all.items[0], "stateless") != 0)
		die("line %u: '%s': no mode", table->line, all.items[0]);
	if (strcmp(all.items[0], "both") != 0 && strcmp(all.items[0], table->mode) != 0)
		return;
	struct words words = {.count = all.count - 3};
	memcpy(words.items, all.items + 3, words.count * sizeof(words.items[0]));
	need_policy(table);
	judge(table, &verdict, &words);
}

/* "options WORD...": firewall-tool's, for the rest of the case. */
static void add_options(struct table *table, char *line)
{
	size_t count = table->fixed_options;
	char *rest = table->option_words, *word;

	snprintf(table->option_words, sizeof(table->option_words), "%s", line + 8);

	while ((word = strsep(&rest, " \n")) && count < OPTIONS_MAX) {
		if (*word)
			table->options[count++] = word;
	}
	table->options[count] = NULL;
}

static void read_table(struct table *table, FILE *file)
{
	char line[LINE_MAX_BYTES];

	while (fgets(line, sizeof(line), file)) {
		table->line++;
		if (line[strspn(line, " \t")] == '<') {
			add_policy_line(table, line);
			continue;
		}
		end_policy(table);
		if (strncmp(line, "== ", 3) == 0)
			begin_case(table, line);
		else if (strcmp(line, "forget connections\n") == 0)
			connections_forget();
		else if (strncmp(line, "options ", 8) == 0)
			add_options(table, line);
		else if (line[0] != '#' && line[0] != '\n')
			read_verdict(table, line);
	}
}

/*
 * Another guest's program stays throughout, as on a real host: while there is one, the kernel
 * tracks connections and puts fragments together, for whoever. (And it need not begin and end that
 * for each case, which takes it seconds.)
 */
static void put_other_guest(struct table *table)
{
	size_t count = table->fixed_options;

	table->options[count] = "--guest";
	table->options[count + 1] = "other";
	table->options[count + 2] = "--first";
	table->options[count + 3] = "9";
	table->options[count + 4] = NULL;
	add_policy_line(table, "<policy><port mac='52:54:00:00:00:19'><group>g</group></port>"
			       "<group name='g'/></policy>\n");
	end_policy(table);
	table->options[count] = NULL;
	table->kernel_ports = 0;
}

int main(int argc, char **argv)
{
	struct table table = {0};

	if (argc < 4 || argc - 4 > OPTIONS_MAX - 4)
		die("usage: verdicts tracking|stateless FIREWALL-TOOL TABLE [OPTION]...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	table.mode = argv[1];
	table.tool = (struct policy_tool){argv[2], table.options};
	if (strcmp(table.mode, "stateless") == 0)
		table.options[table.fixed_options++] = "--stateless";
	for (int i = 4; i < argc; i++)
		table.options[table.fixed_options++] = argv[i];
	cleanup_file FILE *file = fopen(argv[3], "re");
	if (!file)
		die("'%s': can't be read", argv[3]);
	ports_open(&table.ports);
	put_other_guest(&table);
	read_table(&table, file);
	printf("1..%u\n", table.tests);
	return table.failed > 0;
}
