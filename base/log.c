/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system log, by syslog(3): journald and every syslog daemon have it. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "base/err.h"

static void write_line(int priority, const char *fmt, va_list args)
{
	struct err line; /* to keep a name with a line break from forging a second line */
	char text[sizeof(line.text)];

	vsnprintf(text, sizeof(text), fmt, args);
	err_set(&line, 0, "%s", text);
	openlog("berth", LOG_PID, LOG_DAEMON);
	syslog(priority, "%s", line.text);
}

void log_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_INFO, fmt, args);
	va_end(args);
}

void log_problem(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_ERR, fmt, args);
	va_end(args);
}
