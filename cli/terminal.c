/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command prints, on its way out: streams of our own in the place of stdout and stderr
 * (fopencookie(3)). So it is filtered in one place, whoever prints it.
 */
#include "cli/terminal.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/printable.h"

#define LONGEST 4 /* bytes of a character */

/* @held: the beginning of a character whose end is in the next write */
struct out {
	int fd;
	char held[LONGEST];
	size_t held_length;
};

static struct out outs[] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

static bool put(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t got = write(fd, bytes, length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		bytes += got;
		length -= (size_t)got;
	}
	return true;
}

/* Whether these bytes are the beginning of a character that goes on. */
static bool goes_on(const char *bytes, size_t length)
{
	unsigned char first = (unsigned char)bytes[0];
	size_t whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;

	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return false;
	}
	return length < whole;
}

static ssize_t guarded_write(void *cookie, const char *bytes, size_t length)
{
	struct out *out = cookie;
	char piece[1024 + LONGEST];

	for (size_t taken = 0; taken < length;) {
		size_t have = out->held_length, at = 0, size;
		size_t more = length - taken < 1024 ? length - taken : 1024;
		memcpy(piece, out->held, have);
		memcpy(piece + have, bytes + taken, more);
		have += more;
		taken += more;
		for (out->held_length = 0; at < have; at += size) {
			bool shown = printable_next(piece + at, have - at, &size, NULL);
			if (shown || piece[at] == '\n')
				continue;
			if (goes_on(piece + at, have - at)) {
				out->held_length = have - at;
				memcpy(out->held, piece + at, out->held_length);
				break;
			}
			memset(piece + at, '?', size);
		}
		if (!put(out->fd, piece, at))
			return 0;
	}
	return (ssize_t)length;
}

static FILE *guard(struct out *out, FILE *stream)
{
	cookie_io_functions_t functions = {.write = guarded_write};
	FILE *guarded = fopencookie(out, "w", functions);

	if (!guarded)
		return stream;
	setvbuf(guarded, NULL, isatty(out->fd) || stream == stderr ? _IOLBF : _IOFBF, BUFSIZ);
	return guarded;
}

void terminal_guard(void)
{
	stdout = guard(&outs[0], stdout);
	stderr = guard(&outs[1], stderr);
}
