/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an image holds data, of images that QEMU has made and written. */
#include "tests/unit/image-fixture.h"

#include <errno.h>

#include "storage/image_data.h"

static enum image_data data_of(const char *path, const char *format, bool *cut)
{
	enum image_data data;
	struct err err;

	assert_ok(image_data_of(path, format, &data, cut, &err));
	return data;
}

static enum image_data whole(const char *path, const char *format)
{
	bool cut = true;
	enum image_data data = data_of(path, format, &cut);

	assert_false(cut);
	return data;
}

static void write_to(const char *path, const char *format, const char *command)
{
	run("qemu-io", "-f", format, "-c", command, path);
}

static void test_qcow2(void **state)
{
	static const char *const options[] = {
		"cluster_size=64k",
		"cluster_size=512",
		"cluster_size=2M",
		"compat=0.10",
		"extended_l2=on,cluster_size=128k",
		"refcount_bits=64",
	};

	(void)state;
	make_qcow2(at("base"), "64M");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		run("qemu-img", "create", "-q", "-f", "qcow2", "-o", options[i], "-b", at("base"),
		    "-F", "qcow2", at("image"));
		if (whole(at("image"), "qcow2") != IMAGE_DATA_NONE)
			fail_msg("%s: it is new", options[i]);
		write_to(at("image"), "qcow2", "write 50M 512");
		if (whole(at("image"), "qcow2") != IMAGE_DATA_SOME)
			fail_msg("%s: a sector was written", options[i]);
	}
}

/* A mirror writes them too, so the table of clusters tells that it has been there. */
static void test_zeros(void **state)
{
	(void)state;
	make_qcow2(at("image"), "64M");
	write_to(at("image"), "qcow2", "write -z 1M 1M");
	assert_int_equal(whole(at("image"), "qcow2"), IMAGE_DATA_UNKNOWN);
	run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=metadata", at("image"),
	    "64M");
	assert_int_equal(whole(at("image"), "qcow2"), IMAGE_DATA_UNKNOWN);
}

static void test_compressed(void **state)
{
	(void)state;
	run("qemu-img", "create", "-q", "-f", "raw", at("raw"), "1M");
	write_to(at("raw"), "raw", "write -P 7 0 1M");
	run("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", at("raw"), at("image"));
	assert_int_equal(whole(at("image"), "qcow2"), IMAGE_DATA_SOME);
}

static void test_raw(void **state)
{
	(void)state;
	run("qemu-img", "create", "-q", "-f", "raw", at("image"), "64M");
	assert_int_equal(whole(at("image"), "raw"), IMAGE_DATA_NONE);
	run("qemu-img", "create", "-q", "-f", "raw", "-o", "preallocation=falloc", at("image"),
	    "1M");
	assert_int_equal(whole(at("image"), "raw"), IMAGE_DATA_NONE);
	write_to(at("image"), "raw", "write 900k 512");
	assert_int_equal(whole(at("image"), "raw"), IMAGE_DATA_SOME);
}

static void test_cut(void **state)
{
	static const off_t lengths[] = {300 << 10, 327680, 200 << 10};
	bool cut;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		make_qcow2(at("image"), "64M");
		write_to(at("image"), "qcow2", "write 0 1M");
		assert_int_equal(whole(at("image"), "qcow2"), IMAGE_DATA_SOME);
		assert_int_equal(truncate(at("image"), lengths[i]), 0);
		data_of(at("image"), "qcow2", &cut);
		assert_true(cut);
	}
}

static void test_refused(void **state)
{
	enum image_data data;
	struct err err;
	bool cut;

	(void)state;
	assert_fails(image_data_of(at("none"), "raw", &data, &cut, &err), ENOENT, at("none"));
	write_text(at("image"), "no image");
	assert_fails(image_data_of(at("image"), "qcow2", &data, &cut, &err), EINVAL,
		     "is not a qcow2 image");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_qcow2), qemu_test(test_zeros), qemu_test(test_compressed),
		qemu_test(test_raw),   qemu_test(test_cut),   scratch_test(test_refused),
	};

	return run_as_tap(tests);
}
