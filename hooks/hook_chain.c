/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hooks that libvirt runs before berth's. */
#include "hooks/hook_chain.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

#define OWN_NAME "berth"
#define SHOWN_BYTES 40

/* libvirt sorts them by their bytes, whatever the locale. */
static int comes_before_ours(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, OWN_NAME) < 0;
}

static int by_bytes(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static void add_program(struct strbuf *list, const char *path)
{
	if (access(path, X_OK) == 0)
		strbuf_printf(list, "%s'%s'", list->length > 0 ? ", " : "", path);
}

static void list_programs(const char *folder, struct strbuf *list)
{
	cleanup_free char *first = xasprintf("%s/qemu", folder);
	cleanup_free char *others = xasprintf("%s/qemu.d", folder);
	struct dirent **entries = NULL;

	add_program(list, first);
	int count = scandir(others, &entries, comes_before_ours, by_bytes);
	for (int i = 0; i < count; i++) {
		cleanup_free char *path = xasprintf("%s/%s", others, entries[i]->d_name);
		add_program(list, path);
		free(entries[i]);
	}
	free(entries);
}

/* The text's beginning, fit for a terminal. */
static void show_beginning(const char *text, size_t length, char shown[static SHOWN_BYTES + 1])
{
	size_t count = length < SHOWN_BYTES ? length : SHOWN_BYTES;

	for (size_t i = 0; i < count; i++)
		shown[i] = (unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~' ? ' '
											: text[i];
	shown[count] = '\0';
}

void hook_chain_explain(const char *folder, const char *text, size_t length, struct err *err)
{
	cleanup_strbuf struct strbuf list = {0};
	char shown[SHOWN_BYTES + 1];
	const struct err said = *err;

	list_programs(folder, &list);
	if (list.length == 0)
		return;
	show_beginning(text, length, shown);
	err_set(err, said.code,
		"%.200s; an earlier hook printed what is not XML ('%s'): one of %.600s; a hook "
		"must "
		"print nothing, or the changed XML and nothing else",
		said.text, shown, list.text);
}
