/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving the kernel the programs of a policy, by build/tests/firewall-tool. */
#ifndef BERTH_TESTS_FRAMES_POLICY_H
#define BERTH_TESTS_FRAMES_POLICY_H

/**
 * struct policy_tool - how to call firewall-tool
 * @program: its path
 * @options: for each call, NULL-terminated; not owned
 */
struct policy_tool {
	const char *program;
	const char *const *options;
};

/* policy_put() - of the file; dies where it is refused. */
void policy_put(const struct policy_tool *tool, const char *file);
/* policy_remove() - all programs of the guest. */
void policy_remove(const struct policy_tool *tool);
/* policy_start() - VERB FILE... in the background. Return: the process. */
int policy_start(const struct policy_tool *tool, const char *verb, const char *const *files);

/* connections_forget() - empty the kernel's table of connections. */
void connections_forget(void);

#endif
