/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is formatted is read back the same, also after libvirt has had it. */
#include "test-xml-data.h"

#include "xml/domain.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct manifest_image chain[] = {
	{"/srv/base/a & \"b\" <'c'>.qcow2", "qcow2", 10737418240, DIGEST},
	{"/srv/base/\xc3\xa4.raw", "raw", 0, NULL},
};

static struct manifest_disk disks[] = {
	{
		.target = "vda",
		.image = {"/srv/vm1.qcow2", "qcow2", 9999999999999999999u, NULL},
		.allocated_bytes = 196616,
		.inode = 131073,
		.copy = "0123456789abcdef0123456789abcdef",
		.superseded = "ffffffffffffffffffffffffffffffff 0123456789abcdef0123456789abcdef",
		.backing = chain,
		.backing_count = ARRAY_SIZE(chain),
	},
	{
		.target = "hdb",
		.image = {"/srv/a.iso", "raw", 4096, DIGEST},
		.allocated_bytes = 4096,
		.readonly = true,
	},
};

static struct manifest_volume volumes[] = {
	{
		.target = "vdb",
		.path = "/dev/disk/by-path/ip-10.0.0.1:3260-iscsi-iqn.2026-11.lab:one-lun-1",
		.driver = "iscsi",
		.portals = "10.0.0.1:3260 [fd00::1]:3260",
		.iqn = "iqn.2026-11.lab:one",
		.lun = 9999999999999999999u,
		.multipath = true,
		.wwn = "t10.IET     <00010001> & 'it'",
		.serial = "beaf11",
		.size_bytes = 67108864,
	},
	{
		.target = "sda",
		.path = "/dev/etherd/e65534.254",
		.driver = "aoe",
		.shelf = 65534,
		.slot = 254,
	},
};

static struct manifest_problem problems[] = {
	{"vdc", "is <so> & 'so' \xc3\xa4"},
	{"vdd", "no"},
};

static const struct manifest sample = {
	.host = "hosta",
	.uri = "qemu+tls://hosta.example/system?a=1&b=2",
	.written = "2026-11-24T10:20:00Z",
	.token = "0123456789abcdef0123456789abcdef",
	.disks = disks,
	.disk_count = ARRAY_SIZE(disks),
	.volumes = volumes,
	.volume_count = ARRAY_SIZE(volumes),
};

static void assert_text(const char *a, const char *b)
{
	if (!str_equal(a, b))
		fail_msg("'%s' is not '%s'", a ? a : "NULL", b ? b : "NULL");
}

static void assert_same_image(const struct manifest_image *a, const struct manifest_image *b)
{
	assert_text(a->path, b->path);
	assert_text(a->format, b->format);
	assert_text(a->digest, b->digest);
	assert_true(a->virtual_bytes == b->virtual_bytes);
}

static void assert_same_disk(const struct manifest_disk *a, const struct manifest_disk *b)
{
	assert_text(a->target, b->target);
	assert_same_image(&a->image, &b->image);
	assert_true(a->allocated_bytes == b->allocated_bytes);
	assert_true(a->inode == b->inode);
	assert_int_equal(a->readonly, b->readonly);
	assert_text(a->copy, b->copy);
	assert_text(a->superseded, b->superseded);
	assert_int_equal(a->backing_count, b->backing_count);
	for (size_t i = 0; i < a->backing_count; i++)
		assert_same_image(&a->backing[i], &b->backing[i]);
}

static void assert_same_volume(const struct manifest_volume *a, const struct manifest_volume *b)
{
	assert_text(a->target, b->target);
	assert_text(a->path, b->path);
	assert_text(a->driver, b->driver);
	assert_text(a->portals, b->portals);
	assert_text(a->iqn, b->iqn);
	assert_true(a->lun == b->lun);
	assert_int_equal(a->shelf, b->shelf);
	assert_int_equal(a->slot, b->slot);
	assert_int_equal(a->multipath, b->multipath);
	assert_text(a->wwn, b->wwn);
	assert_text(a->serial, b->serial);
	assert_true(a->size_bytes == b->size_bytes);
}

static void assert_same(const struct manifest *a, const struct manifest *b)
{
	assert_text(a->host, b->host);
	assert_text(a->uri, b->uri);
	assert_text(a->written, b->written);
	assert_text(a->token, b->token);
	assert_int_equal(a->disk_count, b->disk_count);
	for (size_t i = 0; i < a->disk_count; i++)
		assert_same_disk(&a->disks[i], &b->disks[i]);
	assert_int_equal(a->volume_count, b->volume_count);
	for (size_t i = 0; i < a->volume_count; i++)
		assert_same_volume(&a->volumes[i], &b->volumes[i]);
	assert_int_equal(a->problem_count, b->problem_count);
	for (size_t i = 0; i < a->problem_count; i++) {
		assert_text(a->problems[i].target, b->problems[i].target);
		assert_text(a->problems[i].text, b->problems[i].text);
	}
}

static void check(const struct manifest *manifest)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_manifest struct manifest *again = NULL;
	struct err err = {0};

	manifest_format(manifest, &text);
	if (manifest_parse(text.text, text.length, &again, &err) < 0)
		fail_msg("%s", err.text);
	assert_same(manifest, again);
}

static void test_formatted_is_parsed(void **state)
{
	const struct manifest empty = {.host = "h", .uri = "u", .written = "2026-11-24T10:20:00Z"};

	(void)state;
	struct manifest with_problems = sample;
	with_problems.problems = problems;
	with_problems.problem_count = ARRAY_SIZE(problems);
	check(&sample);
	check(&with_problems);
	check(&empty);
}

/*
 * xml/manifest/libvirt/: what manifest_format() made of the sample; then, after virsh (9.0.0,
 * test:///default) had set it with MANIFEST_URI and MANIFEST_KEY, the domain's XML and what virsh
 * metadata gave back.
 */
static void test_formatted_is_golden(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_free char *path = test_data_path("xml/manifest/libvirt/formatted.xml");

	(void)state;
	manifest_format(&sample, &text);
	test_golden(path, &text);
}

static void test_libvirt_keeps_it(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_domain struct domain *domain = NULL;
	cleanup_domain struct domain *without = NULL;
	struct err err = {0};

	(void)state;
	test_read_data("xml/manifest/libvirt/dumpxml.xml", &text);
	if (domain_parse(text.text, text.length, &domain, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(domain->manifest);
	assert_same(&sample, domain->manifest);
	assert_int_equal(domain_parse_without_manifest(text.text, text.length, &without, &err), 0);
	assert_null(without->manifest);
	assert_int_equal(without->manifest_element, domain->manifest_element);
	assert_true(domain->manifest_element > 0);
}

static void test_libvirt_gives_it_back(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_manifest struct manifest *manifest = NULL;
	struct err err = {0};

	(void)state;
	test_read_data("xml/manifest/libvirt/metadata.xml", &text);
	if (manifest_parse(text.text, text.length, &manifest, &err) < 0)
		fail_msg("%s", err.text);
	assert_same(&sample, manifest);
}

static void test_disks_are_found(void **state)
{
	(void)state;
	assert_ptr_equal(manifest_find_disk(&sample, "hdb"), &disks[1]);
	assert_null(manifest_find_disk(&sample, "vdb"));
	assert_null(manifest_find_disk(NULL, "vda"));
}

static void test_volumes_are_found(void **state)
{
	(void)state;
	assert_ptr_equal(manifest_find_volume(&sample, "sda"), &volumes[1]);
	assert_null(manifest_find_volume(&sample, "vda"));
	assert_null(manifest_find_disk(&sample, "vdb"));
	assert_null(manifest_find_volume(NULL, "vdb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formatted_is_parsed),
		cmocka_unit_test(test_formatted_is_golden),
		cmocka_unit_test(test_libvirt_keeps_it),
		cmocka_unit_test(test_libvirt_gives_it_back),
		cmocka_unit_test(test_disks_are_found),
		cmocka_unit_test(test_volumes_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
