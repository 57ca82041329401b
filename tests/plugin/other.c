/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lock manager to be chained in tests of what is passed on. Each call is a line of the file
 * "other"; a call that the file "other-fails" names fails; its states are "&<'WORD" of the file
 * "other-state"; with the file "other-complains" its start sets an error. The real ones, lockd and
 * sanlock, are chained in the lab.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/lock_driver.h"

static int say(const char *call, const char *what, unsigned number)
{
	char fails[64] = "";
	FILE *log = fopen("other", "a"), *file = fopen("other-fails", "r");

	fprintf(log, "%s %s %u\n", call, what ? what : "-", number);
	fclose(log);
	if (file && fscanf(file, "%63s", fails) != 1)
		fails[0] = '\0';
	if (file)
		fclose(file);
	return strcmp(fails, call) == 0 ? -1 : 0;
}

static int give_state(char **state)
{
	char text[64] = "";
	FILE *file = fopen("other-state", "r");

	if (file && fscanf(file, "%63s", text) != 1)
		return -1;
	if (file)
		fclose(file);
	if (state)
		*state = text[0] ? strdup(text) : NULL;
	return 0;
}

/* As libvirt's own lock managers do: VIR_FROM_LOCKING, VIR_ERR_OPERATION_FAILED. */
static void report(const char *text)
{
	void (*report_error)(int, int, const char *, const char *, size_t, const char *, ...);

	*(void **)&report_error = dlsym(RTLD_DEFAULT, "virReportErrorHelper");
	report_error(42, 9, __FILE__, __func__, __LINE__, "%s", text);
}

static int other_init(unsigned int version, const char *config_file, unsigned int flags)
{
	(void)flags;
	if (access("other-complains", F_OK) == 0)
		report("no host ID is set");
	return say("init", config_file, version);
}

static int other_deinit(void)
{
	return say("deinit", NULL, 0);
}

static int other_new(struct lock_manager *manager, unsigned int type, size_t count,
		     struct lock_param *params, unsigned int flags)
{
	(void)type;
	(void)params;
	(void)flags;
	manager->private_data = malloc(1);
	if (say("new", NULL, (unsigned)count) == 0)
		return 0;
	free(manager->private_data);
	return -1;
}

static void other_free(struct lock_manager *manager)
{
	free(manager->private_data);
	say("free", NULL, 0);
}

static int other_add(struct lock_manager *manager, unsigned int type, const char *name,
		     size_t count, struct lock_param *params, unsigned int flags)
{
	(void)manager;
	(void)type;
	(void)count;
	(void)params;
	return say("add", name, flags);
}

static int other_acquire(struct lock_manager *manager, const char *state, unsigned int flags,
			 int action, int *fd)
{
	(void)manager;
	(void)action;
	if (fd)
		*fd = dup(0);
	return say("acquire", state, flags);
}

static int other_release(struct lock_manager *manager, char **state, unsigned int flags)
{
	(void)manager;
	return give_state(state) < 0 ? -1 : say("release", state ? *state : NULL, flags);
}

static int other_inquire(struct lock_manager *manager, char **state, unsigned int flags)
{
	(void)manager;
	return give_state(state) < 0 ? -1 : say("inquire", *state, flags);
}

extern const struct lock_driver virLockDriverImpl;
__attribute__((visibility("default"))) const struct lock_driver virLockDriverImpl = {
	.version = LOCK_MANAGER_VERSION,
	.init = other_init,
	.deinit = other_deinit,
	.new_manager = other_new,
	.free_manager = other_free,
	.add_resource = other_add,
	.acquire = other_acquire,
	.release = other_release,
	.inquire = other_inquire,
};
