/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's error functions, by name at run time: the first is private to libvirt, and the version
 * node of its symbol changes with each release; the others are public, but berth.so needs no
 * libvirt to be linked. */
#include "plugin/report.h"

#include <dlfcn.h>
#include <libvirt/virterror.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "base/err.h"

/* libvirt src/util/virerror.h; the same since 2011. */
typedef void (*report_function)(int domain, int code, const char *file, const char *function,
				size_t line, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

static report_function libvirt_report;
static void (*libvirt_reset)(void);
static virErrorPtr (*libvirt_last)(void);

void report_init(void)
{
	/* ISO C has no cast from an object's to a function's pointer; POSIX has. */
	*(void **)&libvirt_report = dlsym(RTLD_DEFAULT, "virReportErrorHelper");
	*(void **)&libvirt_reset = dlsym(RTLD_DEFAULT, "virResetLastError");
	*(void **)&libvirt_last = dlsym(RTLD_DEFAULT, "virGetLastError");
}

void report_forget(void)
{
	if (libvirt_reset)
		libvirt_reset();
}

const char *report_last(void)
{
	virErrorPtr last = libvirt_last ? libvirt_last() : NULL;

	return last ? last->message : NULL;
}

/* Not openlog(): what it sets is the process's, so libvirtd's. */
static void write_line(int priority, const char *fmt, va_list args)
{
	struct err line; /* keeps it to one line */
	char text[sizeof(line.text)];

	vsnprintf(text, sizeof(text), fmt, args);
	err_set(&line, 0, "%s", text);
	syslog(LOG_DAEMON | priority, "%s", line.text);
}

void report_error(const char *text)
{
	if (libvirt_report)
		libvirt_report(VIR_FROM_LOCKING, VIR_ERR_OPERATION_FAILED, __FILE__, __func__,
			       __LINE__, "%s", text);
	syslog(LOG_DAEMON | LOG_ERR, "%s", text);
}

void report_problem(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_ERR, fmt, args);
	va_end(args);
}

void report_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_INFO, fmt, args);
	va_end(args);
}
