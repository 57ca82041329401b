/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a program from inside libvirtd. */
#ifndef BERTH_PLUGIN_CHILD_H
#define BERTH_PLUGIN_CHILD_H

#include "base/err.h"
#include "plugin/buffer.h"

/**
 * struct child - one run of a program
 * @argv: NULL-terminated; argv[0] is its path
 * @input, @input_length: its standard input; may be NULL and 0
 * @output: its standard output is appended here; NULL: nobody wants it
 * @output_max: bytes of it that are accepted
 * @timeout_ms: how long it may take
 */
struct child {
	const char *const *argv;
	const void *input;
	size_t input_length;
	struct buffer *output;
	size_t output_max;
	int timeout_ms;
};

/**
 * child_run() - run a program to its end, or end it
 * @err: on failure: what it said last, if it ended with status 1; otherwise its name and how it
 *       ended
 *
 * The program has a session of its own, default signal handlers, no blocked signal, a small fixed
 * environment, and no descriptor but its standard streams. posix_spawn() copies no memory of
 * libvirtd and runs none of its fork handlers. What the program leaves behind in its session is
 * killed.
 *
 * Return: 0 when it ended with status 0; -ECANCELED when with status 1: it says no; -ETIMEDOUT;
 * -ENOENT; -EMSGSIZE for too much output; another negative errno.
 */
int child_run(const struct child *child, struct err *err);

#endif
