/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without over-commitment what images here may yet grow by is not free; what never grows doesn't
 * count. */
#include "tests/unit/journal-fixture.h"

#include <sched.h>
#include <sys/mount.h>

#include "hooks/plan/plan.h"
#include "hooks/records/image_record.h"

static struct config config;
static char *roots[1];
static char *bases[1];

/* Two file systems: the images' own, of 300 MiB, and the rest. */
static int growth_setup(void **state)
{
	if (site_setup(state) < 0 || mkdir(at("vm"), 0755) < 0 ||
	    mount("tmpfs", at("vm"), "tmpfs", 0, "size=300m") < 0 || mkdir(at("vm/base"), 0755) < 0)
		return -1;
	roots[0] = (char *)at("vm");
	bases[0] = (char *)at("vm/base");
	config = (struct config){
		.roots = {.items = roots, .count = 1},
		.base = {.items = bases, .count = 1},
	};
	return 0;
}

static int growth_teardown(void **state)
{
	umount2(at("vm"), MNT_DETACH);
	return scratch_teardown(state);
}

static void make_raw(const char *path, off_t size)
{
	write_text(path, "");
	assert_int_equal(truncate(path, size), 0);
}

static uint64_t growth(void)
{
	struct place_facts place = {.here = (char *)at("vm/new.img")};
	struct base_facts base = {.path = (char *)at("vm/mine.qcow2")};
	struct disk_facts disk = {.filesystem = -1, .chain = &base, .chain_count = 1};
	struct domain_disk drive = {.type = DISK_FILE, .target = "vda"};
	struct domain domain = {.uuid = (char *)UUID, .disks = &drive, .disk_count = 1};
	struct facts facts = {.places = &place, .place_count = 1, .disks = &disk, .disk_count = 1};
	struct err err;

	assert_ok(survey_space(&site, &config, &domain, &facts, &err));
	uint64_t bytes = facts.filesystems[0].growth_bytes;
	growth_clear(&facts.growth);
	while (facts.claimant_count)
		free(facts.claimants[--facts.claimant_count]);
	free(facts.claimants);
	free(facts.filesystems[0].path);
	free(facts.filesystems);
	return bytes;
}

/* --- one after the other --- */

static int plan_guest(const char *name, struct err *err)
{
	cleanup_free char *xml = xasprintf(
		"<domain type='kvm'><name>vm1</name><uuid>" UUID "</uuid><metadata>"
		"<s:state xmlns:s='urn:berth:state:1' host='hosta' uri='qemu:///system' "
		"written='2026-11-24T10:20:00Z'><s:disk target='vda' path='%s' format='raw' "
		"virtual-bytes='134217728' allocated-bytes='0'/></s:state></metadata><os><type>hvm"
		"</type></os><devices><disk type='file' device='disk'><driver name='qemu' "
		"type='raw'/><source file='%s'/><target dev='vda'/></disk></devices></domain>",
		at(name), at(name));
	cleanup_domain struct domain *domain = NULL;
	cleanup_facts struct facts *facts = NULL;
	cleanup_plan struct plan *plan = NULL;

	assert_int_equal(domain_parse(xml, strlen(xml), &domain, err), 0);
	assert_int_equal(survey_make(&site, &config, domain, &facts, err), 0);
	assert_int_equal(survey_space(&site, &config, domain, facts, err), 0);
	const struct situation situation = {
		.domain = domain, .config = &config, .facts = facts, .token = TOKEN};
	return plan_make(&situation, &plan, err);
}

static void test_one_after_the_other(void **state)
{
	struct err err;

	(void)state;
	assert_ok(plan_guest("vm/a.img", &err));
	make_raw(at("vm/a.img"), 128 * MIB);
	assert_ok(plan_guest("vm/b.img", &err));
	make_raw(at("vm/b.img"), 128 * MIB);
	assert_fails(plan_guest("vm/c.img", &err), ENOSPC, "256 MiB that images here may yet grow");
	config.disk_over_commit = true;
	assert_ok(plan_guest("vm/c.img", &err));
}

/* --- what counts --- */

static void test_formats(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("vm/deep"), 0755), 0);
	make_raw(at("vm/deep/raw"), 3 * MIB);
	uint64_t before = growth();
	assert_int_equal(before, 3 * MIB);
	make_qcow2(at("vm/deep/a.qcow2"), "64M");
	uint64_t more = growth() - before;
	assert_in_range(more, 63 * MIB, 64 * MIB);
	/* What is written can't grow any more; another name of a file is the same file. */
	assert_int_equal(link(at("vm/deep/raw"), at("vm/other-name")), 0);
	assert_int_equal(symlink(at("vm/deep/raw"), at("vm/link")), 0);
	assert_int_equal(growth() - more, 3 * MIB);
	assert_int_equal(unlink(at("vm/deep/a.qcow2")), 0);
	run("dd", "if=/dev/zero", keep(xasprintf("of=%s", at("vm/deep/raw"))), "bs=1M", "count=2",
	    "conv=notrunc", "status=none");
	assert_int_equal(growth(), MIB);
}

static void test_what_never_grows(void **state)
{
	(void)state;
	make_raw(at("vm/base/template"), 50 * MIB);
	make_raw(at("vm/read-only"), 50 * MIB);
	assert_int_equal(chmod(at("vm/read-only"), 0444), 0);
	make_raw(at("vm/.berth-" TOKEN "-x"), 50 * MIB);
	make_raw(at("outside"), 50 * MIB);
	make_qcow2(at("vm/mine.qcow2"), "64M");
	assert_int_equal(growth(), 0);
	make_qcow2(at("vm/lower.qcow2"), "64M");
	assert_true(growth() > 60 * MIB);
	run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", "lower.qcow2",
	    at("vm/upper.qcow2"), "1M");
	assert_in_range(growth(), 0, MIB);
}

static void write_domain(const char *folder, const char *begin, const char *end, const char *path,
			 const char *format)
{
	/* Deeper than what the gate reads of a status file. */
	cleanup_strbuf struct strbuf metadata = {0};
	cleanup_free char *file = xasprintf("%s/vm9.xml", folder);
	for (int i = 0; i < 100; i++)
		strbuf_puts(&metadata, "<a xmlns='urn:a'>");
	for (int i = 0; i < 100; i++)
		strbuf_puts(&metadata, "</a>");
	cleanup_free char *text = xasprintf(
		"%s<domain type='kvm'><name>vm9</name><uuid>" OTHER_UUID "</uuid><metadata>%s"
		"</metadata><os><type>hvm"
		"</type></os><devices><disk type='file' device='disk'><driver name='qemu' "
		"type='%s'/><source file='%s'/><target dev='vda'/></disk></devices></domain>%s",
		begin, metadata.text, format, path, end);
	struct err err;

	assert_ok(file_make_folders(folder, 0700, &err));
	write_text(file, text);
}

/* What a guest writes on its raw disk neither takes the host's storage nor frees any. */
static void test_a_raw_disk_with_a_header(void **state)
{
	(void)state;
	make_raw(at("vm/other.img"), 9 * MIB);
	make_qcow2(at("vm/raw.img"), "64T");
	run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", at("vm/other.img"),
	    at("vm/raw.img"));
	assert_int_equal(truncate(at("vm/raw.img"), 5 * MIB), 0);
	uint64_t believed = growth();
	assert_true(believed > (uint64_t)60 << 40);
	write_domain(site.libvirt_config, "<!-- libvirt's words -->\n", "\n", at("vm/raw.img"),
		     "qcow2");
	assert_int_equal(growth(), believed);
	write_domain(site.libvirt_config, "<!-- libvirt's words -->\n", "\n", at("vm/raw.img"),
		     "raw");
	assert_in_range(growth(), 12 * MIB, 14 * MIB);
	run("rm", "-r", site.libvirt_config);
	assert_int_equal(growth(), believed);
	write_domain(site.libvirt_run, "<domstatus pid='1'>", "</domstatus>", at("vm/raw.img"),
		     "raw");
	assert_in_range(growth(), 12 * MIB, 14 * MIB);
}

static void test_departed(void **state)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	(void)state;
	make_raw(at("vm/stale.img"), 50 * MIB);
	make_raw(at("vm/here.img"), 7 * MIB);
	assert_ok(image_record_load(&site, OTHER_UUID, &record, &err));
	assert_ok(image_record_note(record, at("vm/stale.img"), IMAGE_DEPARTED, true, &err));
	assert_ok(image_record_note(record, at("vm/here.img"), IMAGE_RESIDENT, true, &err));
	assert_ok(image_record_save(&site, record, &err));
	assert_int_equal(growth(), 7 * MIB);
	/* Somebody uses it again. */
	assert_int_equal(truncate(at("vm/stale.img"), 51 * MIB), 0);
	assert_int_equal(growth(), 58 * MIB);
}

/* The image of a migration under way is claimed, and counts once. */
static void test_claimed(void **state)
{
	struct step step = {
		.kind = STEP_IMAGE,
		.disk = "vda",
		.path = (char *)at("vm/coming.img"),
		.reserved_bytes = 20 * MIB,
		.has_id = true,
	};
	const struct journal_start start = {.name = "other",
					    .uuid = OTHER_UUID,
					    .token = TOKEN,
					    .steps = &step,
					    .step_count = 1};
	cleanup_journal struct journal *journal = NULL;
	struct err err;

	(void)state;
	make_raw(step.path, 20 * MIB);
	assert_int_equal(growth(), 20 * MIB);
	assert_ok(file_id_of(step.path, &step.id, &err));
	assert_ok(journal_create(&site, &start, &journal, &err));
	assert_int_equal(growth(), 0);
}

static bool nothing(const char *folder, const void *argument)
{
	(void)folder;
	(void)argument;
	return false;
}

static void test_too_deep(void **state)
{
	cleanup_strbuf struct strbuf path = {0};
	struct err err;

	(void)state;
	strbuf_puts(&path, at("vm"));
	for (int i = 0; i <= GROWTH_MAX_DEPTH; i++) {
		strbuf_puts(&path, "/d");
		assert_int_equal(mkdir(path.text, 0755), 0);
	}
	cleanup_growth struct growth found = {0};
	struct stat st;
	assert_int_equal(stat(at("vm"), &st), 0);
	assert_fails(growth_scan(at("vm"), st.st_dev, nothing, NULL, &found, &err), E2BIG,
		     "disk_over_commit");
	assert_int_equal(rmdir(path.text), 0);
	assert_ok(growth_scan(at("vm"), st.st_dev, nothing, NULL, &found, &err));
}

int main(void)
{
	bool own_mounts = unshare(CLONE_NEWNS) == 0 &&
			  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
#define growth_test(f)                                                              \
	needing(own_mounts &&have_qemu(), "root and qemu-img",                      \
		(struct CMUnitTest)cmocka_unit_test_setup_teardown(f, growth_setup, \
								   growth_teardown))
	const struct CMUnitTest tests[] = {
		growth_test(test_one_after_the_other),
		growth_test(test_formats),
		growth_test(test_what_never_grows),
		growth_test(test_a_raw_disk_with_a_header),
		growth_test(test_departed),
		growth_test(test_claimed),
		growth_test(test_too_deep),
	};

	return run_as_tap(tests);
}
