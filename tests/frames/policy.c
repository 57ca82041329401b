/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of firewall-tool, and the one message to the kernel that the tests send themselves. */
#include "tests/frames/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "tests/frames/frame.h"

#define ARGUMENTS_MAX 16

extern char **environ;

int policy_start(const struct policy_tool *tool, const char *verb, const char *const *files)
{
	const char *argv[ARGUMENTS_MAX + 1] = {tool->program, verb};
	posix_spawn_file_actions_t actions;
	size_t count = 2;
	pid_t pid;

	for (size_t i = 0; tool->options[i] && count < ARGUMENTS_MAX; i++)
		argv[count++] = tool->options[i];
	for (size_t i = 0; files[i] && count < ARGUMENTS_MAX; i++)
		argv[count++] = files[i];
	/* What it prints is not TAP. */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	int rc = posix_spawn(&pid, tool->program, &actions, NULL, (char **)(void *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0)
		die("'%s': %s", tool->program, strerror(rc));
	return pid;
}

static void run(const struct policy_tool *tool, const char *verb, const char *const *files)
{
	int status;

	pid_t pid = policy_start(tool, verb, files);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("'%s %s %s' failed", tool->program, verb, files[0] ? files[0] : "");
}

void policy_put(const struct policy_tool *tool, const char *file)
{
	run(tool, "put", (const char *const[]){file, NULL});
}

void policy_remove(const struct policy_tool *tool)
{
	run(tool, "remove", (const char *const[]){NULL});
}

void connections_forget(void)
{
	struct {
		struct nlmsghdr header;
		struct nfgenmsg family;
	} request = {
		.header = {sizeof(request), NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
			   NLM_F_REQUEST | NLM_F_ACK, 1, 0},
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	cleanup_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.header))
		die("ctnetlink: %s", strerror(errno));
	if (answer.header.nlmsg_type != NLMSG_ERROR || answer.error.error != 0)
		die("ctnetlink: %s", strerror(-answer.error.error));
}
