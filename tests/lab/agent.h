/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What agent and agent-client say to each other over TCP, so that `on` can run commands in a host
 * with its own kernel.
 *
 * Frames both ways: a letter, a length (32 bits, this machine's order), that many bytes.
 */
#pragma once

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define AGENT_PORT 100
/* A pipe that poll() calls writable takes so many bytes at once without blocking: PIPE_BUF. */
#define AGENT_FRAME_BYTES 4096
#define AGENT_COMMAND_BYTES 131072

enum agent_letter {
	AGENT_COMMAND = 'c', /* to the agent, first: the command's words, each with its NUL */
	AGENT_INPUT = 'i',   /* to the agent: input; an empty one is its end */
	AGENT_OUTPUT = 'o',  /* to the client */
	AGENT_ERRORS = 'e',  /* to the client */
	AGENT_EXIT = 'x', /* to the client, last: one byte, the exit status, or 128 + the signal */
};

struct agent_head {
	char letter;
	uint32_t bytes;
} __attribute__((packed));

/* Whether the event, or an error, is there now. */
static inline bool has(int fd, short event)
{
	struct pollfd ready = {fd, event, 0};

	return fd >= 0 && poll(&ready, 1, 0) > 0;
}

/* False at the other end's end. */
static inline bool read_all(int fd, void *data, size_t bytes)
{
	for (char *at = data; bytes > 0;) {
		ssize_t got = read(fd, at, bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		bytes -= (size_t)got;
	}
	return true;
}

static inline bool write_all(int fd, const void *data, size_t bytes)
{
	for (const char *at = data; bytes > 0;) {
		ssize_t done = write(fd, at, bytes);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		at += done;
		bytes -= (size_t)done;
	}
	return true;
}

static inline bool send_frame(int fd, enum agent_letter letter, const void *data, size_t bytes)
{
	char frame[sizeof(struct agent_head) + AGENT_FRAME_BYTES];
	struct agent_head head = {(char)letter, (uint32_t)bytes};

	if (bytes > AGENT_FRAME_BYTES)
		return write_all(fd, &head, sizeof(head)) && write_all(fd, data, bytes);
	memcpy(frame, &head, sizeof(head));
	memcpy(frame + sizeof(head), data, bytes);
	return write_all(fd, frame, sizeof(head) + bytes);
}
