/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the journal share: one with all kinds of steps, and comparing two. */
#ifndef BERTH_TESTS_UNIT_JOURNAL_FIXTURE_H
#define BERTH_TESTS_UNIT_JOURNAL_FIXTURE_H

#include "tests/unit/site-fixture.h"
#include "tests/unit/volume-fixture.h"

#include "hooks/journal/journal.h"

/* Values as a hostile source might choose them, within what the checks of paths and names let pass.
 */
#define ODD_PATH "/srv/a b=c,'\"\\n%s$(x);\xc3\xa4\xe2\x82\xac#=/x="

static struct step sample_steps[] = {
	{.kind = STEP_FOLDER, .disk = "vda", .path = "/srv/vm/sub"},
	{
		.kind = STEP_SET_ASIDE,
		.disk = "vda",
		.path = "/srv/vm/sub/a.img",
		.aside = "/srv/vm/sub/a.img.departed-01234567",
		.id = {1, 2, UINT64_MAX},
		.has_id = true,
	},
	{
		.kind = STEP_IMAGE,
		.disk = "vda",
		.path = "/srv/vm/sub/a.img",
		.format = "qcow2",
		.virtual_bytes = UINT64_MAX,
		.reserved_bytes = 512,
		.filesystem = UINT64_MAX,
		.backing_path = "/srv/base/b.img",
		.backing_format = "raw",
	},
	{.kind = STEP_IMAGE, .disk = "sd:b-1", .path = ODD_PATH, .format = "raw"},
	{
		.kind = STEP_VOLUME,
		.disk = "vdc",
		.path = "/dev/disk/by-path/ip-10.0.0.1:3260-iscsi-iqn.2026-11.lab:one-lun-1",
		.volume =
			{
				.kind = VOLUME_ISCSI,
				.portals = {"10.0.0.1:3260", "[fd00::1]:3260"},
				.portal_count = 2,
				.iqn = "iqn.2026-11.lab:one",
				.lun = UINT64_MAX,
				.multipath = true,
				.wwn = "t10.a b",
				.serial = "=",
				.size_bytes = UINT64_MAX,
			},
	},
	{
		.kind = STEP_VOLUME,
		.disk = "vdd",
		.path = "/dev/etherd/e1.2",
		.volume = {.kind = VOLUME_AOE, .shelf = 1, .slot = 2},
	},
	{
		.kind = STEP_FENCE,
		.disk = "vdd",
		.path = "/dev/etherd/e1.2",
		.volume = {.kind = VOLUME_AOE, .shelf = 1, .slot = 2},
	},
};

static struct rename sample_renames[] = {
	{"path", "/var/lib/libvirt/images/a.img", "/srv/vm/sub/a.img"},
	{"bridge", "br0", "br-lan"},
	{"network", "a b=c,'\"", "\xc3\xa4=1"},
	{"listen", "192.0.2.1", "2001:db8::1"},
	{"path", ODD_PATH, ODD_PATH "2"},
};

static struct compared sample_compared[] = {
	{"vda", 1, {{UINT64_MAX, 2, 0}, UINT64_MAX, 3}},
	{"sd:b-1", 0, {{0, 1, UINT64_MAX}, 0, UINT64_MAX}},
};

static const struct journal_start sample_start = {
	.name = "vm 1='\"\xc3\xa4,",
	.uuid = UUID,
	.token = TOKEN,
	.source = "hosta.example",
	.boot = "0c3e5f60-7182-4394-a5b6-c7d8e9fa0b1c",
	.steps = sample_steps,
	.step_count = ARRAY_SIZE(sample_steps),
	.renames = sample_renames,
	.rename_count = ARRAY_SIZE(sample_renames),
	.compared = {sample_compared, ARRAY_SIZE(sample_compared)},
};

static inline struct journal *create(void)
{
	struct journal *journal = NULL;
	struct err err;

	assert_ok(journal_create(&site, &sample_start, &journal, &err));
	return journal;
}

/* It must be there. */
static inline struct journal *open_again(void)
{
	struct journal *journal = NULL;
	struct err err;
	int rc = journal_open(&site, UUID, &journal, &err);

	if (rc != 1)
		fail_msg("journal_open() gave %d: %s", rc, rc < 0 ? err.text : "");
	return journal;
}

static inline const char *journal_path(void)
{
	return at("state/journal/" UUID);
}

static inline const char *journal_text(void)
{
	struct strbuf text = {0};
	struct err err;

	assert_ok(file_read(journal_path(), 1 << 20, &text, &err));
	return keep(strbuf_steal(&text));
}

static inline void assert_text(const char *a, const char *b)
{
	if (!str_equal(a, b))
		fail_msg("'%s' is not '%s'", a ? a : "(null)", b ? b : "(null)");
}

static inline void assert_same_step(const struct step *a, const struct step *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_text(a->disk, b->disk);
	assert_text(a->path, b->path);
	assert_text(a->aside, b->aside);
	assert_text(a->format, b->format);
	assert_true(a->virtual_bytes == b->virtual_bytes);
	assert_true(a->reserved_bytes == b->reserved_bytes);
	assert_true(a->filesystem == b->filesystem);
	assert_text(a->backing_path, b->backing_path);
	assert_text(a->backing_format, b->backing_format);
	assert_same_volume(&a->volume, &b->volume);
	assert_int_equal(a->has_id, b->has_id);
	if (a->has_id)
		assert_memory_equal(&a->id, &b->id, sizeof(a->id));
}

static inline void assert_same_journal(const struct journal *a, const struct journal *b)
{
	assert_text(a->name, b->name);
	assert_text(a->uuid, b->uuid);
	assert_text(a->token, b->token);
	assert_text(a->source, b->source);
	assert_text(a->boot, b->boot);
	assert_int_equal(a->began, b->began);
	assert_int_equal(a->phase_began, b->phase_began);
	assert_int_equal(a->phase, b->phase);
	assert_int_equal(a->gated, b->gated);
	assert_int_equal(a->verified, b->verified);
	assert_int_equal(a->step_count, b->step_count);
	for (size_t i = 0; i < a->step_count; i++) {
		assert_same_step(&a->steps[i].step, &b->steps[i].step);
		assert_int_equal(a->steps[i].done, b->steps[i].done);
		assert_int_equal(a->steps[i].undone, b->steps[i].undone);
	}
	assert_int_equal(a->rename_count, b->rename_count);
	for (size_t i = 0; i < a->rename_count; i++) {
		assert_text(a->renames[i].what, b->renames[i].what);
		assert_text(a->renames[i].from, b->renames[i].from);
		assert_text(a->renames[i].to, b->renames[i].to);
	}
	assert_int_equal(a->compared.count, b->compared.count);
	for (size_t i = 0; i < a->compared.count; i++) {
		const struct compared *one = &a->compared.items[i], *other = &b->compared.items[i];
		assert_text(one->disk, other->disk);
		assert_true(one->level == other->level);
		assert_memory_equal(&one->version, &other->version, sizeof(one->version));
	}
}

#endif
