/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QEMU program that holds an image open is seen, and what it may do with it. */
#include "tests/unit/image-fixture.h"
#include "storage/in_use.h"

static enum image_use use_of(const char *path)
{
	enum image_use use;
	struct err err;

	assert_ok(image_use(path, &use, &err));
	return use;
}

static void assert_use_is_seen(const char *path, const char *format)
{
	assert_int_equal(use_of(path), IMAGE_UNUSED);
	struct holder reader = hold(path, format, false);
	assert_int_equal(use_of(path), IMAGE_READ);
	let_go(reader);
	assert_int_equal(use_of(path), IMAGE_UNUSED);
	struct holder writer = hold(path, format, true);
	assert_int_equal(use_of(path), IMAGE_WRITTEN);
	let_go(writer);
	assert_int_equal(use_of(path), IMAGE_UNUSED);
}

static void test_qcow2(void **state)
{
	(void)state;
	make_qcow2(at("a.qcow2"), "1M");
	assert_use_is_seen(at("a.qcow2"), "qcow2");
}

static void test_raw(void **state)
{
	(void)state;
	run("qemu-img", "create", "-q", "-f", "raw", at("a.img"), "1M");
	assert_use_is_seen(at("a.img"), "raw");
}

static void test_base_of_a_written_overlay_is_only_read(void **state)
{
	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	struct holder guest = hold(at("top.qcow2"), "qcow2", true);
	assert_int_equal(use_of(at("base.qcow2")), IMAGE_READ);
	assert_int_equal(use_of(at("top.qcow2")), IMAGE_WRITTEN);
	let_go(guest);
}

static void test_missing(void **state)
{
	enum image_use use;
	struct err err;

	(void)state;
	assert_fails(image_use(at("nothing"), &use, &err), ENOENT, "No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_qcow2),
		qemu_test(test_raw),
		qemu_test(test_base_of_a_written_overlay_is_only_read),
		scratch_test(test_missing),
	};

	return run_as_tap(tests);
}
