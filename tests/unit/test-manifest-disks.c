/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk that can't be described is named with what is wrong; the others are described. */
#include "tests/unit/site-fixture.h"

#include "hooks/settle/manifest_disks.h"

static const char *disk(const char *target, const char *format, const char *name, const char *more)
{
	return keep(xasprintf("<disk type='file' device='disk'><driver name='qemu' type='%s'/>"
			      "<source file='%s'>%s</source><target dev='%s'/></disk>",
			      format, at(name), more, target));
}

/* The manifest of a guest with these disks, as its destination reads it. */
static struct manifest *manifest_of(const char *disks)
{
	cleanup_free char *xml =
		xasprintf("<domain type='kvm'><name>vm1</name><uuid>" UUID "</uuid>"
			  "<devices>%s</devices></domain>",
			  disks);
	cleanup_domain struct domain *domain = NULL;
	struct manifest written = {
		.host = "hosta", .uri = "qemu:///system", .written = "2026-11-24T10:20:00Z"};
	cleanup_strbuf struct strbuf text = {0};
	struct manifest *read = NULL;
	struct err err;

	assert_ok(domain_parse(xml, strlen(xml), &domain, &err));
	manifest_add_disks(&site, domain, &written);
	manifest_format(&written, &text);
	assert_ok(manifest_parse(text.text, text.length, &read, &err));
	written.host = written.uri = written.written = NULL;
	struct manifest *owned = xcalloc(1, sizeof(*owned));
	*owned = written;
	manifest_free(owned);
	return read;
}

/* vda is described, and vdb is not, because of that. */
static void assert_problem(const char *second, const char *text)
{
	const char *first = disk("vda", "qcow2", "good.qcow2", "");
	cleanup_manifest struct manifest *manifest = manifest_of(
		keep(xasprintf("%s%s%s", first, second, disk("vdc", "raw", "good.img", ""))));
	const struct manifest_problem *problem = manifest_find_problem(manifest, "vdb");

	assert_int_equal(manifest->disk_count, 2);
	assert_non_null(manifest_find_disk(manifest, "vda"));
	assert_non_null(manifest_find_disk(manifest, "vdc"));
	assert_int_equal(manifest->problem_count, 1);
	assert_non_null(problem);
	if (!strstr(problem->text, text))
		fail_msg("'%s', not '%s'", problem->text, text);
}

static void test_kinds(void **state)
{
	const char *const luks = "<encryption format='luks'><secret type='passphrase' uuid='" UUID
				 "'/></encryption>";
	const char *const slices =
		"<slices><slice type='storage' offset='512' size='512'/></slices>";

	(void)state;
	make_qcow2(at("good.qcow2"), "1M");
	write_text(at("good.img"), "x");
	assert_problem(disk("vdb", "raw", "good.img", luks), "is encrypted, and berth makes no");
	assert_problem(disk("vdb", "raw", "good.img", slices), "is a <slice> of an image");
	assert_problem(disk("vdb", "qed", "good.img", ""), "format 'qed' is not handled");
	assert_problem(disk("vdb", "qcow2", "good.img", ""), "is not a qcow2 image");
	assert_problem(disk("vdb", "raw", "absent.img", ""), "absent.img': No such file");
	run("qemu-img", "create", "-q", "-f", "qcow2", "-o",
	    keep(xasprintf("data_file=%s", at("data"))), at("outside.qcow2"), "1M");
	assert_problem(disk("vdb", "qcow2", "outside.qcow2", ""), "keeps its data in another file");
}

/* XML has no such byte: the manifest must be one in any case. */
static void test_name_beyond_utf8(void **state)
{
	(void)state;
	make_qcow2(at("good.qcow2"), "1M");
	write_text(at("good.img"), "x");
	make_qcow2(at("base"), "1M");
	make_overlay(at("top.qcow2"), at("base"), "qcow2");
	run("qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-b", "nbd:\xff:1", "-F", "raw",
	    at("top.qcow2"));
	assert_problem(disk("vdb", "qcow2", "top.qcow2", ""), "backing file 'nbd:?:1' is not a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_qemu_test(test_kinds),
		site_qemu_test(test_name_beyond_utf8),
	};

	return run_as_tap(tests);
}
