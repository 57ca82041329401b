/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests share that have volumes as values: some of each kind, and comparing two. */
#ifndef BERTH_TESTS_UNIT_VOLUME_FIXTURE_H
#define BERTH_TESTS_UNIT_VOLUME_FIXTURE_H

#include "tests/unit/image-fixture.h"

#include "storage/volume.h"

enum { PLAIN, BARE, MAP, AOE, ODD, SAMPLE_VOLUMES };

static const struct volume sample_volumes[] = {
	[PLAIN] =
		{
			.kind = VOLUME_ISCSI,
			.portals = {"10.0.0.1:3260"},
			.portal_count = 1,
			.iqn = "iqn.2026-11.lab:one",
			.lun = 1,
			.wwn = "naa.60000000000000000e00000000010001",
			.serial = "beaf11",
			.size_bytes = 67108864,
		},
	[BARE] =
		{
			.kind = VOLUME_ISCSI,
			.portals = {"[fd00::1]:3260"},
			.portal_count = 1,
			.iqn = "iqn.2026-11.lab:two",
		},
	[MAP] =
		{
			.kind = VOLUME_ISCSI,
			.portals = {"10.0.0.1:3260", "10.0.0.2:3260", "[fd00::1]:3261"},
			.portal_count = 3,
			.iqn = "iqn.2026-11.lab:one",
			.lun = UINT64_MAX,
			.multipath = true,
			.wwn = "naa.1",
		},
	[AOE] =
		{
			.kind = VOLUME_AOE,
			.shelf = 65534,
			.slot = 254,
			.serial = "x",
			.size_bytes = UINT64_MAX,
		},
	[ODD] =
		{
			.kind = VOLUME_ISCSI,
			.portals = {"p"},
			.portal_count = 1,
			.iqn = "a=b c,'\"\xc3\xa4",
			.wwn = "t10.ATA     a=b",
			.serial = "= =",
		},
};
_Static_assert(ARRAY_SIZE(sample_volumes) == SAMPLE_VOLUMES, "each has its name");

static inline void assert_same_volume(const struct volume *a, const struct volume *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->portal_count, b->portal_count);
	for (size_t i = 0; i < a->portal_count; i++)
		assert_string_equal(a->portals[i], b->portals[i]);
	assert_true(str_equal(a->iqn, b->iqn) && str_equal(a->wwn, b->wwn) &&
		    str_equal(a->serial, b->serial));
	assert_true(a->lun == b->lun && a->size_bytes == b->size_bytes);
	assert_true(a->shelf == b->shelf && a->slot == b->slot);
	assert_int_equal(a->multipath, b->multipath);
}

#endif
