/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's mark: two lines of fields between tabs. */
#include "hooks/records/gate_mark.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "hooks/records/fields.h"

#define MARK_MAX_BYTES 4096
#define FORMAT_LINE "berth-gate\t1"

static bool has_started_at(uint64_t pid, uint64_t start)
{
	unsigned long long value;

	return pid <= INT_MAX && process_start((pid_t)pid, &value) == 0 && value == start;
}

struct mark {
	uint64_t pid;
	uint64_t start;
};

/* Return: whether there is a mark, of a process that is still there. */
static bool read_mark(const struct site *site, struct mark *ret)
{
	cleanup_strbuf struct strbuf text = {0};
	struct fields line;
	struct err err;

	if (file_read(site->gate, MARK_MAX_BYTES, &text, &err) < 0 || !text.text)
		return false;
	char *rest = text.text, *first = strsep(&rest, "\n"), *second = strsep(&rest, "\n");
	if (strcmp(first, FORMAT_LINE) != 0 || !second)
		return false;
	fields_split(&line, second);
	return strcmp(line.word, "libvirtd") == 0 && field_u64(&line, "pid", &ret->pid) &&
	       field_u64(&line, "start", &ret->start) && has_started_at(ret->pid, ret->start);
}

bool gate_is_active(const struct site *site, pid_t daemon)
{
	struct mark mark;

	return read_mark(site, &mark) && (daemon == 0 || mark.pid == (uint64_t)daemon);
}

bool gate_is_awaited(const struct site *site)
{
	unsigned long long own;
	struct mark mark;

	return read_mark(site, &mark) && process_start(getpid(), &own) == 0 && mark.start <= own;
}
