/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What berth reads in an image's header is what qemu-img, the owner of the format, says of it. */
#include "tests/unit/image-fixture.h"
#include "storage/image.h"

static void assert_said(const char *info, const char *key, const char *value)
{
	const char *line =
		keep(value ? xasprintf("\"%s\": \"%s\"", key, value) : xasprintf("\"%s\":", key));

	if (value ? !strstr(info, line) : !!strstr(info, line))
		fail_msg("qemu-img says otherwise than %s %s: %s", key, value ? value : "(none)",
			 info);
}

static void assert_same_as_qemu(const char *path, const char *format)
{
	cleanup_image struct image image = {0};
	struct err err;

	assert_ok(image_inspect(path, format, &image, &err));
	const char *info = run("qemu-img", "info", "--output=json", "-f", format, path);
	const char *size =
		keep(xasprintf("\"virtual-size\": %ju,", (uintmax_t)image.virtual_bytes));
	const char *allocated =
		keep(xasprintf("\"actual-size\": %ju,", (uintmax_t)image.allocated_bytes));
	if (!strstr(info, size) || !strstr(info, allocated))
		fail_msg("qemu-img says otherwise than %s and %s: %s", size, allocated, info);
	assert_said(info, "full-backing-filename", image.backing_path);
	assert_said(info, "backing-filename-format", image.backing_format);
	assert_string_equal(image.path, path);
	assert_string_equal(image.format, format);
	assert_false(image.encrypted);
}

static void test_every_option(void **state)
{
	static const char *const options[] = {
		"compat=0.10",
		"compat=1.1",
		"cluster_size=512",
		"cluster_size=2M",
		"lazy_refcounts=on",
		"refcount_bits=1",
		"extended_l2=on",
		"preallocation=full",
		"preallocation=metadata",
		"compression_type=zlib",
		"compression_type=zstd",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *path = at("a.qcow2");
		run("qemu-img", "create", "-q", "-f", "qcow2", "-o", options[i], path, "9728k");
		assert_same_as_qemu(path, "qcow2");
	}
}

static void test_backing_file(void **state)
{
	static const char *const compat[] = {"compat=0.10", "compat=1.1"};

	(void)state;
	make_qcow2(at("base.qcow2"), "7M");
	for (size_t i = 0; i < ARRAY_SIZE(compat); i++) {
		const char *path = at("top.qcow2");
		run("qemu-img", "create", "-q", "-f", "qcow2", "-o", compat[i], "-F", "qcow2", "-b",
		    at("base.qcow2"), path);
		assert_same_as_qemu(path, "qcow2");
		run("qemu-img", "create", "-q", "-f", "qcow2", "-o", compat[i], "-F", "qcow2", "-b",
		    "base.qcow2", path, "11M");
		assert_same_as_qemu(path, "qcow2");
	}
}

static void test_long_backing_name(void **state)
{
	struct strbuf name = {0};

	(void)state;
	make_qcow2(at("base.qcow2"), "7M");
	while (name.length < 1000)
		strbuf_puts(&name, "./");
	strbuf_puts(&name, "base.qcow2");
	make_overlay(at("top.qcow2"), keep(strbuf_steal(&name)), "qcow2");
	assert_same_as_qemu(at("top.qcow2"), "qcow2");
}

static void test_backing_file_removed_again(void **state)
{
	(void)state;
	make_qcow2(at("base.qcow2"), "7M");
	make_overlay(at("top.qcow2"), at("base.qcow2"), "qcow2");
	run("qemu-img", "rebase", "-u", "-f", "qcow2", "-b", "", at("top.qcow2"));
	assert_same_as_qemu(at("top.qcow2"), "qcow2");
}

static void test_raw_with_odd_size(void **state)
{
	(void)state;
	write_text(at("a.img"), "not a whole sector");
	assert_same_as_qemu(at("a.img"), "raw");
	write_text(at("empty.img"), "");
	assert_same_as_qemu(at("empty.img"), "raw");
}

static void test_encrypted(void **state)
{
	cleanup_image struct image image = {0};
	struct err err;

	(void)state;
	make_qcow2(at("a.qcow2"), "1M");
	/* crypt_method: LUKS. Making one by qemu-img fails now and then, on measuring the CPU. */
	patch_file(at("a.qcow2"), 35, "\2", 1);
	assert_ok(image_inspect(at("a.qcow2"), "qcow2", &image, &err));
	assert_true(image.encrypted);
	assert_int_equal(image.virtual_bytes, MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_every_option),      qemu_test(test_backing_file),
		qemu_test(test_long_backing_name), qemu_test(test_backing_file_removed_again),
		qemu_test(test_raw_with_odd_size), qemu_test(test_encrypted),
	};

	return run_as_tap(tests);
}
