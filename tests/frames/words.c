/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a line. */
#include "tests/frames/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("Bail out! ", stdout);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	exit(1);
}

void words_split(char *line, struct words *ret)
{
	char *rest = line, *word;

	*ret = (struct words){0};
	while ((word = strsep(&rest, " \t\n"))) {
		if (*word && ret->count == WORDS_MAX)
			die("more than %d words", WORDS_MAX);
		if (*word)
			ret->items[ret->count++] = word;
	}
}

const char *word_value(struct words *words, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = 0; i < words->count; i++) {
		if (strncmp(words->items[i], key, length) == 0 && words->items[i][length] == '=') {
			words->used[i] = true;
			return words->items[i] + length + 1;
		}
	}
	return NULL;
}

bool word_flag(struct words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++) {
		if (strcmp(words->items[i], word) == 0) {
			words->used[i] = true;
			return true;
		}
	}
	return false;
}

uint32_t word_number(struct words *words, const char *key, uint32_t otherwise)
{
	const char *value = word_value(words, key);
	char *end;

	if (!value)
		return otherwise;
	unsigned long number = strtoul(value, &end, 0);
	if (end == value || *end)
		die("'%s=%s': not a number", key, value);
	return (uint32_t)number;
}

void word_mac(struct words *words, const char *key, struct mac *value)
{
	const char *text = word_value(words, key);

	if (text && !mac_parse(text, value))
		die("'%s=%s': not a MAC address", key, text);
}

void word_address(struct words *words, const char *key, struct prefix *value)
{
	const char *text = word_value(words, key);

	if (text && !prefix_parse(text, value))
		die("'%s=%s': not an address", key, text);
}

void words_end(const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!words->used[i])
			die("'%s' is not understood", words->items[i]);
	}
}
