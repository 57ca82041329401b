/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In berth-gate's place, for tests of what runs it: does what the file "answer" says, "-VERB"
 * behind it for one verb alone; writes how it was run to "calls", and its standard input to
 * "input".
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two signals that belong to glibc: posix_spawn() ignores them in the child. */
#define LIBC_SIGNALS (3ull << 31)

extern char **environ;

static void copy(const char *from, const char *to)
{
	char part[65536];
	ssize_t got;
	int in = from ? open(from, O_RDONLY) : 0;
	int out = to ? open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644) : 1;

	while ((got = read(in, part, sizeof(part))) > 0) {
		if (write(out, part, (size_t)got) != got)
			exit(99);
	}
}

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count - 1;
}

static void tell_signals(FILE *calls)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	while (status && fgets(line, sizeof(line), status)) {
		if (strncmp(line, "SigBlk:", 7) == 0 || strncmp(line, "SigIgn:", 7) == 0)
			fprintf(calls, " %.6s=%llx", line,
				strtoull(line + 7, NULL, 16) & ~LIBC_SIGNALS);
	}
	fclose(status);
}

static void tell_call(char **argv)
{
	int descriptors = count_descriptors();
	FILE *calls = fopen("calls", "a");
	size_t variables = 0;

	while (environ[variables])
		variables++;
	fprintf(calls, "%s %s %s fds=%d", argv[1], argv[2], argv[3], descriptors);
	tell_signals(calls);
	fprintf(calls, " leader=%d variables=%zu\n", getsid(0) == getpid(), variables);
	fclose(calls);
}

static void tell(const char *name, pid_t pid)
{
	FILE *file = fopen(name, "w");

	fprintf(file, "%d\n", (int)pid);
	fclose(file);
}

static int act(const char *answer)
{
	if (strcmp(answer, "facts") == 0) {
		copy("facts", NULL);
		return 0;
	}
	if (strcmp(answer, "refuse") == 0) {
		fputs("berth: vm1: disk 'vda': is another\n", stderr);
		return 1;
	}
	if (strcmp(answer, "say-no-more") == 0)
		return 1;
	if (strcmp(answer, "long-story") == 0) {
		for (int i = 0; i < 10000; i++)
			fputs("one more line\n", stderr);
		fputs("berth: vm1: the end\n\n", stderr);
		return 1;
	}
	if (strcmp(answer, "other-status") == 0) {
		fputs("oops\n", stderr);
		return 7;
	}
	if (strcmp(answer, "killed") == 0)
		raise(SIGKILL);
	for (; strcmp(answer, "flood") == 0;)
		printf("%099d\n", 0);
	if (strcmp(answer, "early") == 0) {
		copy("facts", NULL);
		close(1);
		close(2);
		usleep(50000);
		return 0;
	}
	if (strcmp(answer, "closed-and-hanging") == 0) {
		close(1);
		close(2);
	}
	if (strcmp(answer, "left-behind") == 0) {
		copy("facts", NULL);
		pid_t child = fork();
		if (child != 0) {
			tell("left", child);
			return 0;
		}
	}
	for (;;) /* "hang", and what has fallen through */
		pause();
}

int main(int argc, char **argv)
{
	char name[64], answer[64] = "facts";

	if (argc != 4)
		return 98;
	if (strcmp(argv[1], "refresh") == 0) {
		tell("refreshed", getpid());
		return 0;
	}
	tell_call(argv);
	copy(NULL, "input");
	snprintf(name, sizeof(name), "answer-%s", argv[1]);
	FILE *file = fopen(name, "r");
	if (!file)
		file = fopen("answer", "r");
	if (file && fscanf(file, "%63s", answer) != 1)
		return 97;
	return act(answer);
}
