// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent-client ADDRESS CMD...: runs CMD where the agent of ADDRESS is; its input, output and exit
 * status are ours.
 */
#include "agent.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

static const char *address;

static void die(const char *what)
{
	fprintf(stderr, "agent-client: %s: %s\n", address, what);
	exit(125);
}

static int connect_to(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(AGENT_PORT)};
	int agent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die("not an address");
	if (agent < 0 || connect(agent, (struct sockaddr *)&to, sizeof(to)))
		die(strerror(errno));
	setsockopt(agent, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	return agent;
}

static void send_command(int agent, char **words)
{
	static char command[AGENT_COMMAND_BYTES];
	size_t bytes = 0;

	for (; *words; words++) {
		size_t length = strlen(*words) + 1;
		if (bytes + length > sizeof(command))
			die("the command is too long");
		memcpy(command + bytes, *words, length);
		bytes += length;
	}
	if (!send_frame(agent, AGENT_COMMAND, command, bytes))
		die("the host's agent has gone");
}

/* Returns false at the input's end. */
static bool pass_input(int agent)
{
	char data[AGENT_FRAME_BYTES];
	ssize_t bytes = read(STDIN_FILENO, data, sizeof(data));

	if (!send_frame(agent, AGENT_INPUT, data, bytes > 0 ? (size_t)bytes : 0))
		die("the host's agent has gone");
	return bytes > 0;
}

static void hear(int agent)
{
	char data[AGENT_FRAME_BYTES];
	struct agent_head head;

	if (!read_all(agent, &head, sizeof(head)) || head.bytes > sizeof(data) ||
	    !read_all(agent, data, head.bytes))
		die("the host's agent has gone");
	if (head.letter == AGENT_EXIT)
		exit((unsigned char)data[0]);
	if (!write_all(head.letter == AGENT_OUTPUT ? STDOUT_FILENO : STDERR_FILENO, data,
		       head.bytes))
		exit(141);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: agent-client ADDRESS CMD...\n");
		return 2;
	}
	address = argv[1];
	int agent = connect_to();
	bool input = true;

	send_command(agent, argv + 2);
	while (true) {
		/* Input is read only while the agent takes it, for a write that blocks would keep
		 * us from hearing. */
		bool room = has(agent, POLLOUT);
		struct pollfd ready[] = {
			{agent, (short)(POLLIN | (input && !room ? POLLOUT : 0)), 0},
			{input && room ? STDIN_FILENO : -1, POLLIN, 0},
		};
		if (poll(ready, 2, -1) < 1)
			continue;
		if (ready[1].revents)
			input = pass_input(agent);
		if (ready[0].revents & ~POLLOUT)
			hear(agent);
	}
}
