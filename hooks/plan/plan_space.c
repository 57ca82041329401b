/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's last part: whether there is room for all that was planned. */
#include "hooks/plan/plan_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/strbuf.h"

#define MIB ((uint64_t)1 << 20)

static uint64_t planned_bytes(const struct situation *situation, const struct plan *plan,
			      int filesystem)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		for (size_t d = 0; step->kind == STEP_IMAGE && d < situation->domain->disk_count;
		     d++) {
			if (str_equal(situation->domain->disks[d].target, step->disk) &&
			    situation->facts->disks[d].filesystem == filesystem &&
			    __builtin_add_overflow(sum, step->reserved_bytes, &sum))
				return UINT64_MAX;
		}
	}
	return sum;
}

static char *describe_growth(const struct filesystem_facts *fs)
{
	if (fs->growth_bytes == 0)
		return NULL;
	return xasprintf(", %" PRIu64 " MiB that images here may yet grow by",
			 fs->growth_bytes / MIB + (fs->growth_bytes % MIB != 0));
}

int plan_check_space(const struct situation *situation, const struct plan *plan, struct err *err)
{
	uint64_t reserve = situation->config->disk_reserve_mib * MIB;

	for (size_t i = 0; i < situation->facts->filesystem_count; i++) {
		const struct filesystem_facts *fs = &situation->facts->filesystems[i];
		uint64_t planned = planned_bytes(situation, plan, (int)i), taken;

		if (planned == 0)
			continue;
		if (__builtin_add_overflow(reserve, fs->claimed_bytes, &taken) ||
		    __builtin_add_overflow(taken, fs->growth_bytes, &taken))
			taken = UINT64_MAX;
		uint64_t usable = fs->available_bytes > taken ? fs->available_bytes - taken : 0;
		if (planned <= usable)
			continue;
		cleanup_free char *growth = describe_growth(fs);
		return err_set(
			err, ENOSPC,
			"not enough disk below '%s': the guest's images need %" PRIu64
			" MiB, %" PRIu64 " MiB are free (%" PRIu64 " MiB kept in reserve, %" PRIu64
			" MiB claimed by others on their way%s); make room, or set "
			"disk_over_commit or disk_reserve_mib in [limits] of berth.conf",
			fs->path, planned / MIB + (planned % MIB != 0), fs->available_bytes / MIB,
			reserve / MIB, fs->claimed_bytes / MIB, growth ? growth : "");
	}
	return 0;
}
