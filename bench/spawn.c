/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spawn: wall time of commands, side by side in one run.
 *
 * Each round runs each command once, the next round in another order, so that a noisy machine is
 * noisy for all alike. Time goes on as it does for libvirtd with a hook: until the command has
 * exited and nobody holds its output any more. What it left running in the background is this
 * program's child then (PR_SET_CHILD_SUBREAPER), and is ended, by its id, before the next command
 * starts.
 *
 * A command whose first word is @FILE runs in the network namespace of that file, and so does what
 * undoes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 8
#define SEPARATOR "---"

extern char **environ;

/**
 * struct contest - what is measured
 * @input: the file that is each command's standard input
 * @clean: the file of a shell script that undoes what a command has done; runs after each, outside
 *         the time; or an empty string
 * @spaces: the network namespace of each command
 * @times_us: of each command, one per round
 */
struct contest {
	int rounds;
	const char *input;
	char *clean;
	char **commands[COMMANDS_MAX];
	int spaces[COMMANDS_MAX];
	double *times_us[COMMANDS_MAX];
	int count;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "spawn: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

/* Keeps the start of what a command says, for the case that it fails. */
static void drain(int fd, char *kept, size_t size)
{
	char part[16384];
	size_t length = 0;

	for (;;) {
		ssize_t got = read(fd, part, sizeof(part));
		if (got < 0 && errno != EINTR)
			die("read a command's output");
		if (got == 0)
			break;
		for (ssize_t i = 0; i < got && length + 1 < size; i++)
			kept[length++] = part[i];
	}
	kept[length] = '\0';
}

static pid_t start(char **argv, int input, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	errno = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno)
		die(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static double run_timed(const char *input_path, char **argv)
{
	int input = open(input_path, O_RDONLY | O_CLOEXEC), output[2], status;
	char said[4096];

	if (input < 0 || pipe2(output, O_CLOEXEC) < 0)
		die(input_path);
	double began = now_us();
	pid_t pid = start(argv, input, output[1]);
	close(output[1]);
	drain(output[0], said, sizeof(said));
	if (waitpid(pid, &status, 0) < 0)
		die("wait");
	double took = now_us() - began;
	close(output[0]);
	close(input);
	if (status != 0) {
		fprintf(stderr, "spawn: '%s' failed, status %#x: %s\n", argv[0], status, said);
		exit(1);
	}
	return took;
}

/* Return: a child's id, or 0 when there is none. */
static pid_t any_child(void)
{
	char path[64];
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	FILE *list = fopen(path, "re");
	if (!list)
		die(path);
	if (fscanf(list, "%d", &pid) != 1)
		pid = 0;
	fclose(list);
	return pid;
}

static void end_background(void)
{
	for (pid_t pid; (pid = any_child()) > 0;) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static double run_one(const struct contest *contest, int which)
{
	if (setns(contest->spaces[which], CLONE_NEWNET) < 0)
		die("enter a network namespace");
	double took = run_timed(contest->input, contest->commands[which]);
	char *clean[] = {"/bin/sh", contest->clean, NULL};

	end_background();
	if (contest->clean[0])
		run_timed("/dev/null", clean);
	return took;
}

static void run_rounds(struct contest *contest)
{
	for (int i = 0; i < contest->count; i++)
		run_one(contest, i); /* files into memory, kept digests into their store */
	for (int round = 0; round < contest->rounds; round++) {
		for (int i = 0; i < contest->count; i++) {
			int which = (round + i) % contest->count;
			contest->times_us[which][round] = run_one(contest, which);
		}
	}
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void print_result(double *times_us, int rounds)
{
	qsort(times_us, (size_t)rounds, sizeof(*times_us), compare);
	double median = (times_us[(rounds - 1) / 2] + times_us[rounds / 2]) / 2;
	printf("%.0f %.0f %.0f\n", median, times_us[0], times_us[rounds - 1]);
}

static int open_space(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static void take_commands(struct contest *contest, char **word)
{
	while (*word && contest->count < COMMANDS_MAX) {
		contest->times_us[contest->count] = calloc((size_t)contest->rounds, sizeof(double));
		if (!contest->times_us[contest->count])
			die("memory");
		bool elsewhere = **word == '@';
		contest->spaces[contest->count] =
			open_space(elsewhere ? *word + 1 : "/proc/self/ns/net");
		word += elsewhere;
		contest->commands[contest->count++] = word;
		while (*word && strcmp(*word, SEPARATOR) != 0)
			word++;
		if (*word)
			*word++ = NULL;
	}
}

int main(int argc, char **argv)
{
	struct contest contest = {.rounds = argc > 4 ? atoi(argv[1]) : 0};

	if (contest.rounds < 1) {
		fputs("usage: spawn ROUNDS INPUT-FILE CLEAN [@NAMESPACE-FILE] COMMAND "
		      "[ARGUMENT]... [" SEPARATOR " ...]...\n"
		      "prints a line per command: median, smallest and largest time in us\n",
		      stderr);
		return 2;
	}
	contest.input = argv[2];
	contest.clean = argv[3];
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	take_commands(&contest, argv + 4);
	run_rounds(&contest);
	for (int i = 0; i < contest.count; i++)
		print_result(contest.times_us[i], contest.rounds);
	return 0;
}
