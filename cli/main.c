/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth: the command for people. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/terminal.h"

static const struct verb *const verbs[] = {
	&verb_status, &verb_check,   &verb_verify, &verb_sync,  &verb_plan,
	&verb_reap,   &verb_reclaim, &verb_gate,   &verb_watch,
};

static int help(void)
{
	puts("usage: berth VERB [OPTION...] [GUEST]\n"
	     "\n"
	     "Makes this host ready for virtual machines that migrate to it.\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  berth %s %s\n      %s\n", verbs[i]->name, verbs[i]->arguments,
		       verbs[i]->summary);
	puts("\n"
	     "Options: --help, --version; --quiet: say nothing where nothing is wrong.\n"
	     "Exit status: 0 done, 1 refused or failed, 2 wrong usage. See berth(1).");
	return EXIT_DONE;
}

static int usage(const char *what, const char *value)
{
	fprintf(stderr, "berth: %s '%s'; see 'berth --help'\n", what, value);
	return EXIT_USAGE;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	}
	return NULL;
}

static bool is_among(const char *words, const char *word)
{
	cleanup_free char *bounded = xasprintf(" %s ", word);

	return words && strstr(words, bounded);
}

static bool takes(const struct verb *verb, const char *option)
{
	return strcmp(option, "--quiet") == 0 || is_among(verb->options, option);
}

/* An option's place in struct options: a flag, or the word that follows it. */
static const struct option_row {
	const char *name;
	size_t flag;
	size_t word;
} rows[] = {
	{"--json", offsetof(struct options, json), 0},
	{"--quiet", offsetof(struct options, quiet), 0},
	{"--discard", offsetof(struct options, discard), 0},
	{"--keep", offsetof(struct options, keep), 0},
	{"--departed", offsetof(struct options, departed), 0},
	{"--forget", offsetof(struct options, forget), 0},
	{"--repair", offsetof(struct options, repair), 0},
	{"--yes", offsetof(struct options, yes), 0},
	{"--xml", 0, offsetof(struct options, xml)},
	{"--config", 0, offsetof(struct options, config)},
};

static const struct option_row *find_row(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

/* Return: 0, or EXIT_USAGE. */
static int parse(const struct verb *verb, char **words, struct options *options)
{
	for (; *words; words++) {
		const struct option_row *row = find_row(*words);
		if (row && takes(verb, *words)) {
			if (!row->word)
				*(bool *)((char *)options + row->flag) = true;
			else if (!words[1])
				return usage("a value is missing for", *words);
			else
				*(const char **)((char *)options + row->word) = *++words;
		} else if ((*words)[0] == '-') {
			return usage("unknown option", *words);
		} else if (!options->action && is_among(verb->actions, *words)) {
			options->action = *words;
		} else if (options->guest || !strstr(verb->arguments, "GUEST")) {
			return usage("one word too many:", *words);
		} else {
			options->guest = *words;
		}
	}
	if (verb->needs_guest && !options->guest)
		return usage("which guest? Missing behind", verb->name);
	if (verb->actions && !options->action)
		return usage("what to do? Missing behind", verb->name);
	return 0;
}

static int verb_help(const struct verb *verb)
{
	printf("usage: berth %s %s\n\n%s\n\nSee berth(1).\n", verb->name, verb->arguments,
	       verb->summary);
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct err err;

	terminal_guard();
	if (argc < 2) {
		help();
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0) {
		puts("berth " VERSION);
		return EXIT_DONE;
	}
	const struct verb *verb = find_verb(argv[1]);
	if (!verb)
		return usage("unknown verb", argv[1]);
	if (argc > 2 && strcmp(argv[2], "--help") == 0)
		return verb_help(verb);
	if (parse(verb, argv + 2, &options) != 0)
		return EXIT_USAGE;
	int rc = verb->run(&options, &err);
	if (rc >= 0)
		return rc;
	fprintf(stderr, "berth: %s\n", err.text);
	log_problem("%s: %s", verb->name, err.text);
	return EXIT_REFUSED;
}
