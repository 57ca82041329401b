/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running another program without a shell. */
#ifndef BERTH_BASE_COMMAND_H
#define BERTH_BASE_COMMAND_H

#include "base/err.h"
#include "base/strbuf.h"

/**
 * struct command - one program run
 * @argv: NULL-terminated; argv[0] is looked up in a fixed PATH of system folders
 * @timeout_ms: the program is killed when it takes longer
 * @output_max: bytes of standard output that are accepted; more is an error
 * @input, @input_length: its standard input; NULL: there is none
 * @exit_status: where the exit status goes when the program ended by itself, or NULL
 * @lock: a descriptor that is locked by flock(2), or 0. The program dies with its caller, which
 * must have one thread only; with this it goes on to its end, and whoever wants the lock waits
 * until then. For programs that must not be killed, and start no daemons: those would keep the lock
 */
struct command {
	const char *const *argv;
	int timeout_ms;
	size_t output_max;
	const void *input;
	size_t input_length;
	int *exit_status;
	int lock;
};

/**
 * command_run() - run a program to its end
 * @command: what to run; the locale is C, no descriptor but @lock is inherited
 * @output: its standard output is appended here; may be NULL
 * @err: on failure: the program's name, how it ended, and the last line of its standard error
 *
 * Return: 0 when it exited with 0; -ETIMEDOUT; -ENOENT when there is no such program;
 * -EMSGSIZE for too much output; -EIO for another exit status or a signal.
 */
int command_run(const struct command *command, struct strbuf *output, struct err *err);

/**
 * command_detach() - start a program that outlives this one
 * @argv: NULL-terminated; argv[0] is an absolute path
 *
 * The child has a session of its own and /dev/null for its standard streams, and is not waited for:
 * libvirtd waits for a hook until all copies of its standard streams are closed.
 *
 * Return: 0, or a negative errno when it could not be started.
 */
int command_detach(const char *const *argv, struct err *err);

#endif
