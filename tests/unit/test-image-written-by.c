/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of two QEMU programs may write an image is told apart. */
#include "tests/unit/image-fixture.h"

#include "storage/written_by.h"

static bool written_by(pid_t pid, const char *path)
{
	struct err err;
	bool written;

	assert_ok(image_is_written_by(pid, path, &written, &err));
	return written;
}

static void test_writer_and_reader(void **state)
{
	(void)state;
	make_qcow2(at("a.qcow2"), "1M");
	make_qcow2(at("b.qcow2"), "1M");
	struct holder writer = hold(at("a.qcow2"), "qcow2", true);
	struct holder other = hold(at("b.qcow2"), "qcow2", true);
	assert_true(written_by(writer.pid, at("a.qcow2")));
	assert_false(written_by(writer.pid, at("b.qcow2")));
	assert_false(written_by(other.pid, at("a.qcow2")));
	assert_true(written_by(other.pid, at("b.qcow2")));
	assert_false(written_by(getpid(), at("a.qcow2")));
	let_go(writer);
	let_go(other);
	struct holder reader = hold(at("a.qcow2"), "qcow2", false);
	assert_false(written_by(reader.pid, at("a.qcow2")));
	let_go(reader);
}

static void test_by_another_name(void **state)
{
	(void)state;
	make_qcow2(at("a.qcow2"), "1M");
	assert_int_equal(symlink("a.qcow2", at("link")), 0);
	struct holder writer = hold(at("a.qcow2"), "qcow2", true);
	assert_true(written_by(writer.pid, at("link")));
	let_go(writer);
}

static void test_base_is_read(void **state)
{
	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	struct holder writer = hold(at("top.qcow2"), "qcow2", true);
	assert_true(written_by(writer.pid, at("top.qcow2")));
	assert_false(written_by(writer.pid, at("base.qcow2")));
	let_go(writer);
}

static void test_missing(void **state)
{
	struct err err;
	bool written;

	(void)state;
	assert_fails(image_is_written_by(getpid(), at("nothing"), &written, &err), ENOENT,
		     "No such file");
	assert_fails(image_is_written_by(1 << 30, scratch, &written, &err), ENOENT, "/proc/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_writer_and_reader),
		qemu_test(test_by_another_name),
		qemu_test(test_base_is_read),
		scratch_test(test_missing),
	};

	return run_as_tap(tests);
}
