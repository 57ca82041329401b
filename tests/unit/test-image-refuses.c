/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image whose header would lead astray is refused, with the reason and what to do. */
#include "tests/unit/image-fixture.h"
#include "storage/image.h"

static void assert_refused(const char *name, const char *format, int code, const char *part)
{
	struct image image;
	struct err err;

	assert_fails(image_inspect(at(name), format, &image, &err), code, part);
	assert_non_null(strstr(err.text, at(name)));
}

static void test_no_recorded_format(void **state)
{
	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	/* The type of the extension that records it, at byte 112: make it one that is skipped. */
	patch_file(at("top.qcow2"), 112, "\x12\x34\x56\x78", 4);
	assert_refused("top.qcow2", "qcow2", EINVAL,
		       "'base.qcow2' is not recorded; record it with 'qemu-img rebase -u");
}

static void test_backing_file_that_is_no_path(void **state)
{
	static const char *const names[] = {
		"json:{\"driver\":\"raw\",\"file.filename\":\"/etc/shadow\"}",
		"nbd:192.0.2.1:10809",
		"http://192.0.2.1/a.img",
		"file:/etc/shadow",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", names[i],
		    at("top.qcow2"), "1M");
		assert_refused("top.qcow2", "qcow2", ENOTSUP, "is not a plain path; make it one");
	}
}

static void test_other_formats(void **state)
{
	(void)state;
	run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "vmdk", "-b", "base.vmdk",
	    at("top.qcow2"), "1M");
	assert_refused("top.qcow2", "qcow2", ENOTSUP, "'base.vmdk' has format 'vmdk'");
	assert_refused("top.qcow2", "vmdk", ENOTSUP, "format 'vmdk' is not handled");
	assert_refused("top.qcow2", NULL, ENOTSUP, "format '' is not handled");
}

static void test_external_data_file(void **state)
{
	(void)state;
	run("qemu-img", "create", "-q", "-f", "qcow2", "-o",
	    keep(xasprintf("data_file=%s,data_file_raw=on", at("data.raw"))), at("a.qcow2"), "1M");
	assert_refused("a.qcow2", "qcow2", ENOTSUP, "keeps its data in another file");
}

static void test_unknown_feature(void **state)
{
	(void)state;
	make_qcow2(at("a.qcow2"), "1M");
	patch_file(at("a.qcow2"), 72, "\x40", 1);
	assert_refused("a.qcow2", "qcow2", ENOTSUP, "(0x4000000000000000)");
	make_qcow2(at("a.qcow2"), "1M");
	patch_file(at("a.qcow2"), 7, "\x04", 1);
	assert_refused("a.qcow2", "qcow2", ENOTSUP, "qcow2 version 4");
}

static void test_wrong_format(void **state)
{
	(void)state;
	write_text(at("a.img"), "boot sector");
	assert_refused("a.img", "qcow2", EINVAL, "is not a qcow2 image; correct its format");
	assert_refused("nothing.img", "qcow2", ENOENT, "No such file");
}

/* A name outside of the first cluster could make the digest blind for data. */
static void test_name_outside_of_header(void **state)
{
	(void)state;
	make_overlay(at("top.qcow2"), "/dev/null", "raw");
	patch_file(at("top.qcow2"), 8, "\0\0\0\0\0\1\0\0", 8);
	assert_refused("top.qcow2", "qcow2", EINVAL, "bytes at 65536");
	patch_file(at("top.qcow2"), 8, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_refused("top.qcow2", "qcow2", EINVAL, "broken qcow2 header: backing file name");
	patch_file(at("top.qcow2"), 8, "\0\0\0\0\0\0\0\1", 8);
	assert_refused("top.qcow2", "qcow2", EINVAL, "broken qcow2 header: backing file name");
}

static void test_every_truncation(void **state)
{
	struct image image;
	struct err err;

	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	for (off_t length = 600; length >= 0; length--) {
		assert_int_equal(truncate(at("top.qcow2"), length), 0);
		if (image_inspect(at("top.qcow2"), "qcow2", &image, &err) == 0) {
			assert_string_equal(image.backing_path, at("base.qcow2"));
			image_clear(&image);
		}
	}
}

static void test_name_with_line_break(void **state)
{
	(void)state;
	run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", "a\nb",
	    at("top.qcow2"), "1M");
	assert_refused("top.qcow2", "qcow2", EINVAL, "has a control character: 'a?b'");
}

static void test_no_file(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	assert_refused("fifo", "raw", EINVAL, "neither a file nor a block device");
	assert_int_equal(mkdir(at("folder"), 0755), 0);
	assert_refused("folder", "raw", EINVAL, "neither a file nor a block device");
}

static void test_raw_is_not_probed(void **state)
{
	struct image image;
	struct err err;

	(void)state;
	make_overlay(at("guest-written.img"), "/etc/passwd", "raw");
	assert_ok(image_inspect(at("guest-written.img"), "raw", &image, &err));
	assert_null(image.backing_path);
	image_clear(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_no_recorded_format),
		qemu_test(test_backing_file_that_is_no_path),
		qemu_test(test_other_formats),
		qemu_test(test_external_data_file),
		qemu_test(test_unknown_feature),
		scratch_test(test_wrong_format),
		qemu_test(test_name_outside_of_header),
		qemu_test(test_every_truncation),
		qemu_test(test_name_with_line_break),
		scratch_test(test_no_file),
		qemu_test(test_raw_is_not_probed),
	};

	return run_as_tap(tests);
}
