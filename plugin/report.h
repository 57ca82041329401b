/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling people, from inside libvirtd: through libvirt's own error, and the system log. */
#ifndef BERTH_PLUGIN_REPORT_H
#define BERTH_PLUGIN_REPORT_H

/* report_init() - looks libvirt's own function up; to be called once before the others. */
void report_init(void);

/**
 * report_error() - the call that is under way fails, and this is why
 * @text: one line that begins with "berth: "
 *
 * It becomes libvirt's error of this thread, which the user's virsh shows, and a line of the log.
 */
void report_error(const char *text);

/**
 * report_forget() - libvirt's error of this thread is none from here on
 *
 * For what comes next may fail without setting one, and then an older one would be taken for it.
 */
void report_forget(void);

/* report_last() - Return: the text of libvirt's error of this thread, valid until its next one; or
 * NULL: there is none. */
const char *report_last(void);

/* report_problem(), report_note() - a line of the log only. */
void report_problem(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void report_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
