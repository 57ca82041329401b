/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backing chain is followed to its end, and one without end is noticed. */
#include "tests/unit/image-fixture.h"
#include "storage/image.h"

static void test_three_layers(void **state)
{
	cleanup_image_chain struct image_chain chain = {0};
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("base"), 0755), 0);
	write_text(at("base/os.img"), "x");
	make_overlay(at("base/middle.qcow2"), "os.img", "raw");
	run("qemu-img", "create", "-q", "-f", "qcow2", "-b", "base/middle.qcow2", "-F", "qcow2",
	    at("top.qcow2"), "3M");
	assert_ok(image_chain_inspect(at("top.qcow2"), "qcow2", &chain, &err));
	assert_int_equal(chain.count, 3);
	assert_int_equal(chain.images[0].virtual_bytes, 3 * MIB);
	assert_string_equal(chain.images[0].backing_path, chain.images[1].path);
	assert_string_equal(chain.images[1].path, at("base/middle.qcow2"));
	assert_string_equal(chain.images[1].format, "qcow2");
	assert_string_equal(chain.images[2].path, at("base/os.img"));
	assert_string_equal(chain.images[2].format, "raw");
	assert_int_equal(chain.images[2].virtual_bytes, 512);
	assert_null(chain.images[2].backing_path);
}

static void test_one_layer(void **state)
{
	cleanup_image_chain struct image_chain chain = {0};
	struct err err;

	(void)state;
	write_text(at("a.img"), "x");
	assert_ok(image_chain_inspect(at("a.img"), "raw", &chain, &err));
	assert_int_equal(chain.count, 1);
}

static void test_missing_backing_file(void **state)
{
	struct image_chain chain;
	struct err err;

	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	unlink(at("base.qcow2"));
	assert_fails(image_chain_inspect(at("top.qcow2"), "qcow2", &chain, &err), ENOENT,
		     keep(xasprintf("backing file of '%s': image '%s': No such file",
				    at("top.qcow2"), at("base.qcow2"))));
}

static void test_loops(void **state)
{
	struct image_chain chain;
	struct err err;

	(void)state;
	make_qcow2(at("a.qcow2"), "1M");
	make_overlay(at("b.qcow2"), "a.qcow2", "qcow2");
	run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", "b.qcow2",
	    at("a.qcow2"));
	assert_fails(image_chain_inspect(at("a.qcow2"), "qcow2", &chain, &err), ELOOP,
		     "comes back to it");
	/* Under another name it is still the same file. */
	run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", "./self.qcow2",
	    at("a.qcow2"));
	assert_int_equal(symlink("a.qcow2", at("self.qcow2")), 0);
	assert_fails(image_chain_inspect(at("a.qcow2"), "qcow2", &chain, &err), ELOOP,
		     "comes back to it");
}

/* Writes NNN.qcow2 with backing file NNN+1.qcow2, by changing the name in a pattern. */
static void write_link(const struct strbuf *pattern, int number)
{
	char name[32];
	char *place = memmem(pattern->text, pattern->length, "000.qcow2", 9);

	assert_non_null(place);
	snprintf(name, sizeof(name), "%03d.qcow2", number + 1);
	memcpy(place, name, 9);
	snprintf(name, sizeof(name), "%03d.qcow2", number);
	write_file(at(name), pattern->text, pattern->length);
	memcpy(place, "000.qcow2", 9);
}

static void test_too_long(void **state)
{
	cleanup_image_chain struct image_chain chain = {0};
	cleanup_strbuf struct strbuf pattern = {0};
	struct err err;

	(void)state;
	run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", "000.qcow2", "-F", "qcow2",
	    at("pattern.qcow2"), "1M");
	assert_ok(file_read(at("pattern.qcow2"), MIB, &pattern, &err));
	for (int i = 0; i < IMAGE_CHAIN_MAX - 1; i++)
		write_link(&pattern, i);
	make_qcow2(at("199.qcow2"), "1M");
	assert_ok(image_chain_inspect(at("000.qcow2"), "qcow2", &chain, &err));
	assert_int_equal(chain.count, IMAGE_CHAIN_MAX);
	image_chain_clear(&chain);

	write_link(&pattern, 199);
	make_qcow2(at("200.qcow2"), "1M");
	assert_fails(image_chain_inspect(at("000.qcow2"), "qcow2", &chain, &err), ELOOP,
		     "more than 200 images");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_three_layers),
		scratch_test(test_one_layer),
		qemu_test(test_missing_backing_file),
		qemu_test(test_loops),
		qemu_test(test_too_long),
	};

	return run_as_tap(tests);
}
