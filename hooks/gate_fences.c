/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The write fences of a guest's volumes.
 *
 * Theory of operation: from before QEMU opened it until now nobody on this host could write to such
 * a volume, so that no copy of storage has written it onto itself. When the guest is let through,
 * QEMU opens the device for writing as soon as its processors run (auto-read-only).
 *
 * Invariant: when the guest is refused, its volumes are fenced.
 */
#include "hooks/gate_rules.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

static const struct gate_disk *fenced_disk(const struct gate_facts *here,
					   const struct step_record *record)
{
	if (record->step.kind != STEP_FENCE || record->undone)
		return NULL;
	return gate_facts_find_disk(here, record->step.disk);
}

/* Two names of one device. */
static bool is_same_device(const char *a, const char *b)
{
	struct stat one, other;

	return a && stat(a, &one) == 0 && stat(b, &other) == 0 && S_ISBLK(one.st_mode) &&
	       S_ISBLK(other.st_mode) && one.st_rdev == other.st_rdev;
}

static int lift(const struct gate_disk *disk, const struct step *step, struct err *err)
{
	if (!is_same_device(disk->path, step->path))
		return err_set(err, ESTALE,
			       "the guest uses '%s', but '%s' was fenced for it; migrate again",
			       disk->path ? disk->path : "nothing", step->path);
	return volume_fence(step->path, false, err);
}

static void set_again(const struct journal *journal, const struct gate_facts *here, size_t count)
{
	struct err err;

	for (size_t i = 0; i < count; i++) {
		const struct step_record *record = &journal->steps[i];
		if (fenced_disk(here, record) && volume_fence(record->step.path, true, &err) < 0)
			log_problem("%s: %s", here->name, err.text);
	}
}

int gate_lift_fences(const struct journal *journal, const struct gate_facts *here, struct err *err)
{
	for (size_t i = 0; journal && i < journal->step_count; i++) {
		const struct gate_disk *disk = fenced_disk(here, &journal->steps[i]);
		if (!disk || lift(disk, &journal->steps[i].step, err) == 0)
			continue;
		set_again(journal, here, i);
		return err_wrap(err, "disk '%s'", disk->target);
	}
	return 0;
}
