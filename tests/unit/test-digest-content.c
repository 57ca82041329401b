/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digest changes with the content of an image, and with nothing else. */
#include "tests/unit/image-fixture.h"
#include "storage/digest.h"

static const char *digest_of(const char *name, const char *format)
{
	char digest[DIGEST_TEXT_MAX];
	struct err err;

	assert_ok(digest_of_image(at(name), format, digest, &err));
	return keep(xstrdup(digest));
}

/* 3 MiB and a bit, with data at both ends only: more than one block, and holes between. */
static void write_sparse(const char *path)
{
	write_text(path, "start");
	assert_int_equal(truncate(path, 3 * MIB + 100), 0);
	patch_file(path, 3 * MIB + 90, "end", 3);
}

static void test_known_value(void **state)
{
	(void)state;
	write_text(at("empty"), "");
	assert_string_equal(
		digest_of("empty", "raw"),
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	write_text(at("abc"), "abc");
	assert_string_equal(
		digest_of("abc", "raw"),
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_is_what_sha256sum_prints(void **state)
{
	(void)state;
	write_sparse(at("sparse.img"));
	const char *sum = run("sha256sum", at("sparse.img"));
	assert_memory_equal(digest_of("sparse.img", "raw") + 7, sum, 64);
	make_qcow2(at("a.qcow2"), "1M");
	sum = run("sha256sum", at("a.qcow2"));
	assert_memory_equal(digest_of("a.qcow2", "qcow2") + 7, sum, 64);
}

static void test_holes_do_not_count(void **state)
{
	struct stat sparse, full;

	(void)state;
	write_sparse(at("sparse.img"));
	run("cp", "--sparse=never", at("sparse.img"), at("full.img"));
	assert_int_equal(stat(at("sparse.img"), &sparse), 0);
	assert_int_equal(stat(at("full.img"), &full), 0);
	assert_true(sparse.st_blocks < full.st_blocks);
	assert_string_equal(digest_of("sparse.img", "raw"), digest_of("full.img", "raw"));
	assert_int_equal(truncate(at("sparse.img"), 4 * MIB), 0);
	assert_string_not_equal(digest_of("sparse.img", "raw"), digest_of("full.img", "raw"));
}

static void test_every_byte_counts(void **state)
{
	static const off_t places[] = {0, 4, 5, MIB - 1, MIB, 2 * MIB + 1, 3 * MIB + 99};

	(void)state;
	write_sparse(at("a.img"));
	const char *before = digest_of("a.img", "raw");
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		write_sparse(at("a.img"));
		patch_file(at("a.img"), places[i], "\x01", 1);
		assert_string_not_equal(digest_of("a.img", "raw"), before);
	}
}

static void test_backing_name_does_not_count(void **state)
{
	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	run("cp", at("top.qcow2"), at("other.qcow2"));
	assert_string_equal(digest_of("top.qcow2", "qcow2"), digest_of("other.qcow2", "qcow2"));
	run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b",
	    "/srv/elsewhere/under/a/much, much longer name/base.qcow2", at("other.qcow2"));
	assert_string_equal(digest_of("top.qcow2", "qcow2"), digest_of("other.qcow2", "qcow2"));
	assert_string_not_equal(digest_of("top.qcow2", "raw"), digest_of("other.qcow2", "raw"));
}

static void test_backing_format_counts(void **state)
{
	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	const char *before = digest_of("top.qcow2", "qcow2");
	run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", "base.qcow2",
	    at("top.qcow2"));
	assert_string_not_equal(digest_of("top.qcow2", "qcow2"), before);
}

static void test_guest_data_counts(void **state)
{
	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	const char *before = digest_of("top.qcow2", "qcow2");
	run("qemu-io", "-f", "qcow2", "-c", "write -P 7 65536 512", at("top.qcow2"));
	assert_string_not_equal(digest_of("top.qcow2", "qcow2"), before);
}

/* Every byte of a header counts but the twelve that tell where the name stands, and the name. */
static void test_all_else_in_the_header_counts(void **state)
{
	cleanup_strbuf struct strbuf header = {0};
	unsigned char flipped;
	struct err err;

	(void)state;
	run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", "NAME", "-F", "raw",
	    at("a.qcow2"), "1M");
	const char *before = digest_of("a.qcow2", "qcow2");
	assert_ok(file_read(at("a.qcow2"), MIB, &header, &err));
	size_t name = (size_t)((char *)memmem(header.text, 65536, "NAME", 4) - header.text);
	for (size_t i = 0; i < name + 8; i++) {
		char digest[DIGEST_TEXT_MAX];
		bool masked = (i >= 8 && i < 20) || (i >= name && i < name + 4);
		flipped = (unsigned char)header.text[i] ^ 1;
		patch_file(at("a.qcow2"), (off_t)i, &flipped, 1);
		/* Some of these make no sound header; refusing is as good. */
		if (digest_of_image(at("a.qcow2"), "qcow2", digest, &err) == 0 && !masked)
			assert_string_not_equal(digest, before);
		patch_file(at("a.qcow2"), (off_t)i, header.text + i, 1);
	}
	assert_string_equal(digest_of("a.qcow2", "qcow2"), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_known_value),
		qemu_test(test_is_what_sha256sum_prints),
		scratch_test(test_holes_do_not_count),
		scratch_test(test_every_byte_counts),
		qemu_test(test_backing_name_does_not_count),
		qemu_test(test_backing_format_counts),
		qemu_test(test_guest_data_counts),
		qemu_test(test_all_else_in_the_header_counts),
	};

	return run_as_tap(tests);
}
