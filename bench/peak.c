/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peak: the peak of a command's own resident memory, in KiB.
 *
 * getrusage() would count the programs that it runs, and what its caller had before exec. The
 * kernel's VmHWM is of this very program; it is read at the last moment at which it is there, at
 * the exit.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_EXIT (SIGTRAP | (PTRACE_EVENT_EXIT << 8))

static int fail(const char *what)
{
	fprintf(stderr, "peak: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Stops until it is traced. */
static _Noreturn void become(char **argv)
{
	raise(SIGSTOP);
	execv(argv[0], argv);
	_exit(fail(argv[0]));
}

static long read_peak_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *status = fopen(path, "re");
	while (status && kib < 0 && fgets(line, sizeof(line), status))
		sscanf(line, "VmHWM: %ld kB", &kib);
	if (status)
		fclose(status);
	return kib;
}

/* Lets it run, handing on its signals, until it has ended. Return: its wait status. */
static int follow(pid_t pid, long *peak_kib)
{
	int status, signal_number = 0;

	for (;;) {
		ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal_number);
		if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return status;
		signal_number = 0;
		if (status >> 8 == AT_EXIT)
			*peak_kib = read_peak_kib(pid);
		else if (status >> 16 == 0)
			signal_number = WSTOPSIG(status);
	}
}

int main(int argc, char **argv)
{
	long peak_kib = -1;
	int status;

	if (argc < 2) {
		fputs("usage: peak COMMAND [ARGUMENT]... ; prints KiB on standard error\n", stderr);
		return 2;
	}
	pid_t pid = fork();
	if (pid < 0)
		return fail("fork");
	if (pid == 0)
		become(argv + 1);
	waitpid(pid, &status, WUNTRACED);
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) < 0)
		return fail("trace");
	kill(pid, SIGCONT);
	status = follow(pid, &peak_kib);
	if (status != 0 || peak_kib < 0) {
		fprintf(stderr, "peak: '%s' failed, status %#x\n", argv[1], status);
		return 1;
	}
	fprintf(stderr, "%ld\n", peak_kib);
	return 0;
}
