/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's arguments, from /proc. */
#include "plugin/came_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "plugin/buffer.h"

/* As the kernel has them: each argument with the NUL behind it, so "-incoming" whole. */
static const char wanted[] = "\0-incoming";
#define ARGUMENTS_MAX_BYTES (4u << 20)

/* Return: whether all was read. */
static bool read_arguments(int fd, struct buffer *out)
{
	char part[16384];
	ssize_t got;

	while ((got = read(fd, part, sizeof(part))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		buffer_add(out, part, (size_t)got);
		if (out->failed || out->length > ARGUMENTS_MAX_BYTES)
			return false;
	}
	return out->length > 0;
}

bool process_came_in(pid_t pid)
{
	cleanup_buffer struct buffer arguments = {0};
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !read_arguments(fd, &arguments))
		return true;
	return memmem(arguments.bytes, arguments.length, wanted, sizeof(wanted)) != NULL;
}
