/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made image is exactly the wanted one: size, backing file, format, mode, owner, name. */
#include "tests/unit/image-fixture.h"
#include <limits.h>

#include "storage/image.h"
#include "storage/provision.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

static struct new_image wanted(const char *name, const char *format, uint64_t virtual_bytes)
{
	return (struct new_image){
		.path = at(name),
		.format = format,
		.virtual_bytes = virtual_bytes,
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.token = TOKEN,
	};
}

static void make_and_place(const struct new_image *what)
{
	struct file_id id;
	struct err err;

	assert_ok(provision_make(what, NULL, &id, &err));
	assert_false(exists(what->path));
	assert_ok(provision_place(what->path, NULL, what->token, &id, &err));
}

static void assert_is(const struct new_image *what)
{
	cleanup_image struct image image = {0};
	struct err err;
	struct stat st;

	assert_int_equal(lstat(what->path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, what->mode);
	assert_int_equal(st.st_nlink, 1);
	assert_ok(image_inspect(what->path, what->format, &image, &err));
	assert_int_equal(image.virtual_bytes, what->virtual_bytes);
	assert_true(str_equal(image.backing_path, what->backing_path));
	assert_true(str_equal(image.backing_format, what->backing_format));
	if (str_equal(what->format, "qcow2"))
		run("qemu-img", "check", "-q", "-f", what->format, what->path);
}

static void assert_made_exactly(const struct new_image *what)
{
	make_and_place(what);
	assert_is(what);
	unlink(what->path);
}

static void test_plain_images(void **state)
{
	static const uint64_t sizes[] = {512, 3 * MIB + 512, (uint64_t)5 << 40};
	static const mode_t modes[] = {0600, 0640, 0444};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct new_image raw = wanted("a.img", "raw", sizes[i]);
		struct new_image qcow2 = wanted("a.qcow2", "qcow2", sizes[i]);
		raw.mode = qcow2.mode = modes[i];
		assert_made_exactly(&raw);
		assert_made_exactly(&qcow2);
	}
}

static void test_sizes_other_than_the_backing_file(void **state)
{
	static const uint64_t sizes[] = {MIB, 2 * MIB, 4 * MIB};

	(void)state;
	make_qcow2(at("base.qcow2"), "2M");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct new_image overlay = wanted("a.qcow2", "qcow2", sizes[i]);
		overlay.backing_path = at("base.qcow2");
		overlay.backing_format = "qcow2";
		assert_made_exactly(&overlay);
	}
}

static void test_odd_names(void **state)
{
	static const char *const names[] = {
		"a,b,,c.img",
		"with space.img",
		"quote'\".img",
		"100%$HOME.img",
		"Müller-\xe5\x8d\xa0.img",
		"-f",
		"json:{}",
		"nbd:a:1",
		"back\\slash.img",
		"a=b;c|d&e.img",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(mkdir(at(names[i]), 0755), 0);
		const char *base = keep(xasprintf("%s/base %s", names[i], names[i]));
		make_and_place(&(struct new_image){at(base), "qcow2", MIB, NULL, NULL, 0644,
						   (uid_t)-1, (gid_t)-1, .token = TOKEN});
		const char *name = keep(xasprintf("%s/%s", names[i], names[i]));
		struct new_image overlay = wanted(name, "qcow2", MIB);
		overlay.backing_path = at(base);
		overlay.backing_format = "qcow2";
		assert_made_exactly(&overlay);
	}
}

static void test_longest_name(void **state)
{
	static const size_t lengths[] = {NAME_MAX, NAME_MAX - 40, NAME_MAX - 39};
	char name[NAME_MAX + 1] = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(name, 'n', NAME_MAX);
		name[lengths[i]] = '\0';
		struct new_image image = wanted(name, "raw", 512);
		assert_made_exactly(&image);
	}
}

static void test_owner(void **state)
{
	struct stat st;

	(void)state;
	struct new_image image = wanted("a.qcow2", "qcow2", MIB);
	image.uid = 12345;
	image.gid = 54321;
	make_and_place(&image);
	assert_is(&image);
	assert_int_equal(stat(image.path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 54321);
}

static void assert_not_made(const struct new_image *what, int code, const char *part)
{
	struct file_id id;
	struct err err;

	assert_fails(provision_make(what, NULL, &id, &err), code, part);
	/* Nothing is left, not even the temporary name. */
	assert_string_equal(run("find", scratch, "-mindepth", "1", "-not", "-name", "base*"), "");
}

static void test_refusals(void **state)
{
	(void)state;
	struct new_image odd = wanted("a.qcow2", "qcow2", 1000);
	assert_not_made(&odd, EINVAL, "1000 bytes is no multiple of 512; resize");
	struct new_image huge = wanted("a.qcow2", "qcow2", UINT64_MAX - 511);
	assert_not_made(&huge, EIO, "qemu-img: exit status 1: ");
	struct new_image vmdk = wanted("a.vmdk", "vmdk", MIB);
	assert_not_made(&vmdk, ENOTSUP, "format 'vmdk' cannot be made");
	struct new_image token = wanted("a.qcow2", "qcow2", MIB);
	token.token = "../../../../etc/0123456789abcdef";
	assert_not_made(&token, EINVAL, "is not 32 hex digits");
	struct new_image dots = wanted("../a.qcow2", "qcow2", MIB);
	assert_not_made(&dots, EINVAL, "not a plain absolute path");
	struct new_image nowhere = wanted("missing/a.qcow2", "qcow2", MIB);
	assert_not_made(&nowhere, ENOENT, "No such file or directory");
}

static void test_backing_file_refusals(void **state)
{
	(void)state;
	struct new_image overlay = wanted("a.qcow2", "qcow2", MIB);
	overlay.backing_format = "qcow2";
	overlay.backing_path = at("base-missing.qcow2");
	assert_not_made(&overlay, ENOENT, "base-missing.qcow2': No such file");
	overlay.backing_path = "base.qcow2";
	assert_not_made(&overlay, EINVAL, "needs an absolute path and a format");
	make_qcow2(at("base.qcow2"), "1M");
	overlay.backing_path = at("base.qcow2");
	overlay.backing_format = NULL;
	assert_not_made(&overlay, EINVAL, "needs an absolute path and a format");
	overlay.backing_format = "qcow2";
	overlay.format = "raw";
	assert_not_made(&overlay, EINVAL, "raw image cannot have a backing file");
}

/* What a killed run left under the temporary name is made anew, and a link there is not followed.
 */
static void test_temporary_name_is_taken(void **state)
{
	const char *temporary = at(".berth-" TOKEN "-a.qcow2");

	(void)state;
	write_text(at("victim"), "precious");
	assert_int_equal(symlink("victim", temporary), 0);
	struct new_image image = wanted("a.qcow2", "qcow2", MIB);
	assert_made_exactly(&image);
	assert_file_holds(at("victim"), "precious");
	write_text(temporary, "half an image");
	assert_made_exactly(&image);
	assert_false(exists(temporary));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_plain_images),
		qemu_test(test_sizes_other_than_the_backing_file),
		qemu_test(test_odd_names),
		qemu_test(test_longest_name),
		root_test(test_owner),
		qemu_test(test_refusals),
		qemu_test(test_backing_file_refusals),
		qemu_test(test_temporary_name_is_taken),
	};

	return run_as_tap(tests);
}
