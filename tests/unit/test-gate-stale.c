/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A manifest that is behind is told when the guest's migration begins, with what both say; one that
 * the destination doesn't need is not. */
#include "tests/unit/site-fixture.h"

#include <errno.h>

#include "gate/stale.h"

#define STATUS(job, manifest)                                                                   \
	"<domstatus pid='1'><job type='none' async='" job "' phase='begin3'/><domain><name>vm1" \
	"</name><uuid>" UUID "</uuid><metadata>" manifest "</metadata></domain></domstatus>"
#define STATE(disks) "<b:state xmlns:b='urn:berth:state:1' host='hosta'>" disks "</b:state>"
#define VDA(size, backing)                                                             \
	"<b:disk path='/i/a&amp;b' target=\"vda\" format='qcow2' virtual-bytes='" size \
	"'>" backing "</b:disk>"
#define BASE "<b:backing path='/i/base' format='raw' virtual-bytes='512'/>"
#define OUT "migration out"

enum { SHARED = 1, READONLY = 2, SHAREABLE = 4, NO_BASE = 8, VOLUME = 16 };

static const struct row {
	const char *name;
	const char *status;
	unsigned seen;
	const char *refusal;
} rows[] = {
	{"as it is", STATUS(OUT, STATE(VDA("1024", BASE))), 0, NULL},
	{"resized", STATUS(OUT, STATE(VDA("512", BASE))), 0,
	 "disk 'vda': '/i/a&b' has 1024 bytes, the guest's manifest says 512 (resized since?); run "
	 "'berth sync vm1' and migrate again"},
	{"resized, on shared storage", STATUS(OUT, STATE(VDA("512", BASE))), SHARED, NULL},
	{"resized, read-only", STATUS(OUT, STATE(VDA("512", BASE))), READONLY, NULL},
	{"resized, shareable", STATUS(OUT, STATE(VDA("512", BASE))), SHAREABLE, NULL},
	{"resized, but it only pauses", STATUS("none", STATE(VDA("512", BASE))), 0, NULL},
	{"it comes", STATUS("migration in", STATE(VDA("512", BASE))), 0, NULL},
	{"a longer chain in the manifest", STATUS(OUT, STATE(VDA("1024", BASE BASE))), 0,
	 "the guest uses '/i/a&b', with 1 images below it, its manifest says '/i/a&b' with 2"},
	{"a shorter one", STATUS(OUT, STATE(VDA("1024", BASE))), NO_BASE, "with 0 images below it"},
	{"another base",
	 STATUS(OUT, STATE(VDA("1024", "<b:backing path='/i/x' virtual-bytes='512'/>"))), 0,
	 "a snapshot or a block job since?"},
	{"attached since", STATUS(OUT, STATE("")), 0,
	 "the guest's manifest doesn't know '/i/a&b' (attached since?)"},
	{"can't be described", STATUS(OUT, STATE("<b:problem target='vda' text='is LUKS'/>")), 0,
	 NULL},
	{"another one can't", STATUS(OUT, STATE("<b:problem target='vdb' text='is LUKS'/>")), 0,
	 "the guest's manifest doesn't know '/i/a&b' (attached since?)"},
	{"no manifest", STATUS(OUT, ""), 0, NULL},
	{"another application's", STATUS(OUT, "<a xmlns='urn:a'>" VDA("512", BASE) "</a>"), 0,
	 NULL},
	{"not understood", STATUS(OUT, STATE("<b:disk virtual-bytes='512'/>")), 0, NULL},
	{"a volume", STATUS(OUT, STATE("<b:volume target='vda' path='/dev/x' size-bytes='1024'/>")),
	 VOLUME, NULL},
	{"a volume that grew",
	 STATUS(OUT, STATE("<b:volume target='vda' path='/dev/x' size-bytes='512'/>")), VOLUME,
	 "disk 'vda': '/dev/sdb' has 1024 bytes, the guest's manifest says 512"},
};

static void fill(struct gate_facts *facts, unsigned seen)
{
	facts->managed = true;
	facts->name = xstrdup("vm1");
	struct gate_disk *disk = gate_facts_add_disk(facts);
	disk->target = xstrdup("vda");
	disk->kind = seen & VOLUME ? GATE_DISK_BLOCK : GATE_DISK_FILE;
	disk->readonly = seen & READONLY;
	disk->shareable = seen & SHAREABLE;
	disk->has_volume = seen & VOLUME;
	disk->device_bytes = 1024;
	disk->path = xstrdup("/dev/sdb");
	if (seen & VOLUME)
		return;
	struct gate_image *top = gate_disk_add_image(disk);
	top->path = xstrdup("/i/a&b");
	top->virtual_bytes = 1024;
	top->shared = seen & SHARED;
	if (seen & NO_BASE)
		return;
	struct gate_image *base = gate_disk_add_image(disk);
	base->path = xstrdup("/i/base");
	base->virtual_bytes = 512;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		cleanup_running_domain struct running_domain domain = {0};
		cleanup_gate_facts struct gate_facts facts = {0};
		cleanup_strbuf struct strbuf status = {0};
		struct err err = {0};
		strbuf_puts(&status, row->status);
		fill(&facts, row->seen);
		assert_ok(running_domain_parse(status.text, status.length, &domain, &err));
		int rc = gate_check_manifest(&status, &domain, &facts, &err);
		if (row->refusal ? rc != -ESTALE || !strstr(err.text, row->refusal) : rc != 0)
			fail_msg("%s: gave %d '%s'", row->name, rc, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {site_test(test_rows)};

	return run_as_tap(tests);
}
