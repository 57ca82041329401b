// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent ADDRESS: in a lab host with a kernel of its own, runs the commands that `on` sends
 * (agent.h, agent-client.c).
 * It goes into the background once it listens.
 *
 * One process serves all clients: in user-mode Linux a fork costs tens of milliseconds, a vfork
 * next to nothing. So no read or write may block: input is taken from a client only while the
 * command's pipe has room, and output from the command only while the client's socket has. When a
 * client goes, its command's process group is killed. What a command that has ended left running in
 * the background keeps running, and nobody waits for its output.
 */
#define _GNU_SOURCE
#include "agent.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define SESSIONS 64
#define WORDS 4096

struct session {
	int client;       /* -1: this slot is free */
	int in, out, err; /* our ends of the command's; -1: closed */
	pid_t command;    /* 0: none yet, or reaped */
	bool ended;
	unsigned char status;
	bool told; /* the exit status is sent; the client will go */
};

static struct session sessions[SESSIONS];
static int child_ended[2];

static char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
	"LC_ALL=C", NULL};

static void close_and_forget(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void end_session(struct session *s)
{
	if (s->command > 0)
		kill(-s->command, SIGKILL);
	close_and_forget(&s->in);
	close_and_forget(&s->out);
	close_and_forget(&s->err);
	close_and_forget(&s->client);
}

/* In the vforked child: becomes the command. */
static void become(char **words, int in, int out, int err)
{
	setsid();
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0)
		_exit(126);
	execvpe(words[0], words, environment);
	dprintf(STDERR_FILENO, "%s: %s\n", words[0], strerror(errno));
	_exit(127);
}

static bool start(struct session *s, char **words)
{
	int in[2], out[2], err[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return false;
	s->command = vfork();
	if (s->command == 0)
		become(words, in[0], out[1], err[1]);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	s->in = in[1];
	s->out = out[0];
	s->err = err[0];
	return s->command > 0;
}

static bool take_command(struct session *s, char *data, size_t bytes)
{
	char *words[WORDS + 1];
	size_t count = 0;

	for (size_t at = 0; at < bytes && count < WORDS; at += strlen(data + at) + 1)
		words[count++] = data + at;
	words[count] = NULL;
	return count > 0 && start(s, words);
}

/* One frame from the client. False: the session is over. */
static bool hear(struct session *s)
{
	static char data[AGENT_COMMAND_BYTES + 1];
	struct agent_head head;

	if (!read_all(s->client, &head, sizeof(head)) || head.bytes >= sizeof(data) ||
	    !read_all(s->client, data, head.bytes))
		return false;
	data[head.bytes] = '\0';
	if (head.letter == AGENT_COMMAND)
		return take_command(s, data, head.bytes);
	if (s->in >= 0 && (head.bytes == 0 || !write_all(s->in, data, head.bytes)))
		close_and_forget(&s->in);
	return true;
}

/* One piece of what the command said. False: the session is over. */
static bool pass(struct session *s, int *from, enum agent_letter letter)
{
	char data[AGENT_FRAME_BYTES];
	ssize_t bytes = read(*from, data, sizeof(data));

	if (bytes > 0)
		return send_frame(s->client, letter, data, (size_t)bytes);
	close_and_forget(from);
	return true;
}

/* Does what can be done for the session now, without blocking. False: it is over. */
static bool serve(struct session *s)
{
	bool room = has(s->client, POLLOUT);
	bool out = room && has(s->out, POLLIN), err = room && has(s->err, POLLIN);

	if ((out && !pass(s, &s->out, AGENT_OUTPUT)) || (err && !pass(s, &s->err, AGENT_ERRORS)))
		return false;
	if (s->ended && !s->told && room && !out && !err) {
		s->told = true;
		if (!send_frame(s->client, AGENT_EXIT, &s->status, 1))
			return false;
	}
	/* After the end too: input that nobody took must be read, or closing the socket would
	 * discard the status. */
	if ((s->in < 0 || has(s->in, POLLOUT)) && has(s->client, POLLIN))
		return hear(s);
	return true;
}

static void new_session(int listener)
{
	struct session *s = sessions;

	while (s < sessions + SESSIONS && s->client >= 0)
		s++;
	if (s == sessions + SESSIONS)
		return;
	*s = (struct session){
		accept4(listener, NULL, NULL, SOCK_CLOEXEC), -1, -1, -1, 0, false, 0, false};
	setsockopt(s->client, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	/* A socket that poll() calls writable has a third of this free. */
	setsockopt(s->client, SOL_SOCKET, SO_SNDBUF, &(int){1 << 18}, sizeof(int));
}

static void note_child(int signal_number)
{
	(void)signal_number;
	if (write(child_ended[1], "", 1) < 0)
		return; /* the pipe is full: it will be read */
}

static void reap(void)
{
	char some[64];
	int status;
	pid_t pid;

	if (read(child_ended[0], some, sizeof(some)) < 0)
		return;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (struct session *s = sessions; s < sessions + SESSIONS; s++) {
			if (s->client < 0 || s->command != pid)
				continue;
			s->command = 0;
			s->ended = true;
			s->status = (unsigned char)(WIFSIGNALED(status) ? 128 + WTERMSIG(status)
									: WEXITSTATUS(status));
		}
	}
}

/* Waits until something can be done: for each session, for what serve() would look for. */
static void wait_for_work(int listener)
{
	struct pollfd ready[2 + 4 * SESSIONS] = {{listener, POLLIN, 0},
						 {child_ended[0], POLLIN, 0}};
	nfds_t count = 2;
	int patience_ms = -1;

	for (struct session *s = sessions; s < sessions + SESSIONS; s++) {
		if (s->client < 0)
			continue;
		bool room = has(s->client, POLLOUT), full = s->in >= 0 && !has(s->in, POLLOUT);
		if (s->ended && !s->told && room)
			patience_ms = 0;
		ready[count++] = (struct pollfd){
			s->client, (short)((room ? 0 : POLLOUT) | (full ? 0 : POLLIN)), 0};
		ready[count++] = (struct pollfd){full ? s->in : -1, POLLOUT, 0};
		ready[count++] = (struct pollfd){room ? s->out : -1, POLLIN, 0};
		ready[count++] = (struct pollfd){room ? s->err : -1, POLLIN, 0};
	}
	poll(ready, count, patience_ms);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(AGENT_PORT)};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 2 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1) {
		fprintf(stderr, "usage: agent ADDRESS\n");
		return 2;
	}
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, SESSIONS) ||
	    pipe2(child_ended, O_CLOEXEC | O_NONBLOCK)) {
		perror("agent");
		return 1;
	}
	if (fork() != 0)
		return 0;
	for (struct session *s = sessions; s < sessions + SESSIONS; s++)
		s->client = -1;
	environ = (char **)environment;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, note_child);
	while (true) {
		wait_for_work(listener);
		if (has(child_ended[0], POLLIN))
			reap();
		for (struct session *s = sessions; s < sessions + SESSIONS; s++) {
			if (s->client >= 0 && !serve(s))
				end_session(s);
		}
		if (has(listener, POLLIN))
			new_session(listener);
	}
}
