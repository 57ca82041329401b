/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system log. */
#ifndef BERTH_BASE_LOG_H
#define BERTH_BASE_LOG_H

/* log_note() - one line about what was done. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* log_problem() - one line about what went wrong; the same words that a person gets. */
void log_problem(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
