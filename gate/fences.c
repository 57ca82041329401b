/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The write fences of a guest's volumes.
 *
 * Theory of operation: a fenced volume can't be written to on this host from `started begin` until
 * the guest is let through (hooks/onto_itself.c). So no storage copy has written the volume onto
 * itself. Afterwards QEMU, where it has not done so, opens the device for writing as soon as the
 * guest's processors run (auto-read-only).
 *
 * Invariant: when the guest is refused, all its volumes are fenced. So whatever may wait or fail is
 * done first: all devices are found and opened. Lifting waits for nothing. When the first fence is
 * lifted, the deadline of this process is switched off, which could end the process between two
 * volumes.
 */
#include "gate/rules.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fault.h"
#include "base/log.h"

/* The devices whose fences are to be lifted; @paths are the journal's. */
struct opened {
	int *fds;
	const char **paths;
	size_t count;
};

#define cleanup_opened cleanup(opened_clear)

static void opened_clear(struct opened *opened)
{
	for (size_t i = 0; i < opened->count; i++)
		close(opened->fds[i]);
	free(opened->fds);
	free(opened->paths);
}

static const struct gate_disk *fenced_disk(const struct gate_facts *here,
					   const struct step_record *record)
{
	if (record->step.kind != STEP_FENCE || record->undone)
		return NULL;
	return gate_facts_find_disk(here, record->step.disk);
}

static bool is_device(const char *path, int fd)
{
	struct stat named, opened;

	return path && stat(path, &named) == 0 && fstat(fd, &opened) == 0 &&
	       S_ISBLK(named.st_mode) && S_ISBLK(opened.st_mode) && named.st_rdev == opened.st_rdev;
}

static int open_one(const struct gate_disk *disk, const struct step *step, struct opened *opened,
		    struct err *err)
{
	cleanup_close int fd = volume_fence_open(step->path, err);

	if (fd < 0)
		return fd;
	if (!is_device(disk->path, fd))
		return err_set(err, ESTALE,
			       "the guest uses '%s', but '%s' was fenced for it; migrate again",
			       disk->path ? disk->path : "nothing", step->path);
	opened->fds = xreallocarray(opened->fds, opened->count + 1, sizeof(*opened->fds));
	opened->paths = xreallocarray(opened->paths, opened->count + 1, sizeof(*opened->paths));
	opened->paths[opened->count] = step->path;
	opened->fds[opened->count++] = steal_fd(fd);
	fault_point("fence-opened");
	return 0;
}

static int open_all(const struct journal *journal, const struct gate_facts *here,
		    struct opened *opened, struct err *err)
{
	for (size_t i = 0; journal && i < journal->step_count; i++) {
		const struct gate_disk *disk = fenced_disk(here, &journal->steps[i]);
		if (disk && open_one(disk, &journal->steps[i].step, opened, err) < 0)
			return err_wrap(err, "disk '%s'", disk->target);
	}
	return 0;
}

/* The log comes last, because writing to it may have to wait. */
static void set_again(const struct opened *opened, size_t count)
{
	struct err err = {0}, one;

	for (size_t i = 0; i < count; i++) {
		if (volume_fence_fd(opened->fds[i], opened->paths[i], true, &one) < 0)
			err = one;
	}
	if (err.code)
		log_problem("%s", err.text);
}

static int lift_all(const struct opened *opened, struct err *err)
{
	for (size_t i = 0; i < opened->count; i++) {
		int rc = volume_fence_fd(opened->fds[i], opened->paths[i], false, err);
		if (rc < 0) {
			set_again(opened, i);
			return rc;
		}
		fault_point("fence-lifted");
	}
	return 0;
}

static void end_deadline(void)
{
	sigset_t deadline;

	sigemptyset(&deadline);
	sigaddset(&deadline, SIGALRM);
	sigprocmask(SIG_BLOCK, &deadline, NULL);
}

int gate_lift_fences(const struct journal *journal, const struct gate_facts *here, struct err *err)
{
	cleanup_opened struct opened opened = {0};

	int rc = open_all(journal, here, &opened, err);
	if (rc < 0 || opened.count == 0)
		return rc;
	end_deadline();
	return lift_all(&opened, err);
}
