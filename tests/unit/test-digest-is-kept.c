/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A digest is computed once, kept while the file stays as it is, and never believed after a change.
 */
#include "tests/unit/image-fixture.h"
#include <dirent.h>
#include <time.h>

#include "storage/digest.h"

/* Each test has a store of its own. */
static const char *store;

static struct image_identity identity_of(const char *name)
{
	struct image_identity identity;
	struct err err;

	assert_ok(image_identity(store, at(name), "raw", &identity, &err));
	return identity;
}

static const char *digest_of(const char *name)
{
	struct image_identity identity = identity_of(name);
	const char *digest = keep(xstrdup(identity.digest));

	image_identity_clear(&identity);
	return digest;
}

/* Digests of young files are not kept, and ctime cannot be set: so this has to be waited for, once.
 */
static int make_old_files(void **state)
{
	static const char *const names[] = {"kept.img",  "changed.img", "broken.img",    "gone.img",
					    "swept.img", "stays.img",   "unwritable.img"};

	if (scratch_setup(state) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_text(at(names[i]), "content");
	sleep(4);
	return 0;
}

static int choose_store(void **state)
{
	static int number;

	(void)state;
	store = keep(xasprintf("%s/store/of/digests-%d", scratch, number++));
	return 0;
}

/* The only kept digest, or NULL. */
static const char *kept_entry(void)
{
	cleanup_dir DIR *dir = opendir(store);
	const struct dirent *item;
	const char *found = NULL;

	while (dir && (item = readdir(dir))) {
		if (item->d_name[0] == '.')
			continue;
		assert_null(found);
		found = keep(xasprintf("%s/%s", store, item->d_name));
	}
	return found;
}

/* Puts another digest into the kept entry: if that comes back, the image was not read. */
static const char *plant_digest(void)
{
	static const char planted[] =
		"sha256:00000000000000000000000000000000000000000000000000000000000000ff";
	cleanup_strbuf struct strbuf text = {0};
	const char *entry = kept_entry();
	struct err err;

	assert_non_null(entry);
	assert_ok(file_read(entry, MIB, &text, &err));
	memcpy(strstr(text.text, "sha256:"), planted, strlen(planted));
	write_file(entry, text.text, text.length);
	return planted;
}

static void test_kept(void **state)
{
	struct err err;

	(void)state;
	const char *computed = digest_of("kept.img");
	const char *planted = plant_digest();
	assert_string_not_equal(computed, planted);
	assert_string_equal(digest_of("kept.img"), planted);
	assert_int_equal(digest_store_sweep(store, &err), 0);
	assert_string_equal(digest_of("kept.img"), planted);
	/* The same file as another format is another thing. */
	struct image_identity identity;
	assert_fails(image_identity(store, at("kept.img"), "qcow2", &identity, &err), EINVAL,
		     "not a qcow2");
}

static void test_change_is_noticed_though_mtime_is_put_back(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(at("changed.img"), &st), 0);
	const char *before = digest_of("changed.img");
	const char *planted = plant_digest();
	patch_file(at("changed.img"), 0, "C", 1);
	const struct timespec times[2] = {st.st_atim, st.st_mtim};
	assert_int_equal(utimensat(AT_FDCWD, at("changed.img"), times, 0), 0);
	const char *after = digest_of("changed.img");
	assert_string_not_equal(after, planted);
	assert_string_not_equal(after, before);
}

static void test_young_file_is_not_kept(void **state)
{
	(void)state;
	write_text(at("a.img"), "content");
	const char *digest = digest_of("a.img");
	assert_null(kept_entry());
	assert_string_equal(digest_of("a.img"), digest);
}

static void test_broken_entry_is_rewritten(void **state)
{
	static const char *const broken[] = {
		"",
		"x",
		"berth-digest 1\n",
		"berth-digest 1\nsize 7 mtime 0.0 ctime 0.0\nsha256:00\n/\n",
	};
	cleanup_strbuf struct strbuf good = {0};
	struct err err;

	(void)state;
	const char *digest = digest_of("broken.img");
	const char *entry = kept_entry();
	assert_ok(file_read(entry, MIB, &good, &err));
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		write_text(entry, broken[i]);
		assert_string_equal(digest_of("broken.img"), digest);
		assert_file_holds(entry, good.text);
	}
	for (size_t length = 0; length < good.length; length++) {
		write_file(entry, good.text, length);
		assert_string_equal(digest_of("broken.img"), digest);
	}
	/* One digit less, then one more than there should be. */
	char *digits = strstr(good.text, "sha256:");
	write_file(entry, good.text, good.length);
	patch_file(entry, digits - good.text + 20, "\n", 1);
	assert_string_equal(digest_of("broken.img"), digest);
	assert_file_holds(entry, good.text);
	patch_file(entry, digits - good.text + 71, "0", 1);
	assert_string_equal(digest_of("broken.img"), digest);
	assert_file_holds(entry, good.text);
}

static void test_sweep(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(digest_store_sweep(store, &err), 0);
	digest_of("gone.img");
	digest_of("swept.img");
	digest_of("stays.img");
	write_text(keep(xasprintf("%s/junk", store)), "junk");
	const char *unfinished = keep(xasprintf("%s/.being-written.XXXXXX", store));
	write_text(unfinished, "");
	unlink(at("gone.img"));
	patch_file(at("swept.img"), 0, "C", 1);
	assert_int_equal(digest_store_sweep(store, &err), 3);
	assert_int_equal(digest_store_sweep(store, &err), 0);
	assert_non_null(kept_entry());
	assert_true(exists(unfinished));
}

static void test_unwritable_store_is_no_error(void **state)
{
	struct image_identity identity;
	struct err err;

	(void)state;
	assert_ok(image_identity("/proc/no/such/place", at("unwritable.img"), "raw", &identity,
				 &err));
	image_identity_clear(&identity);
}

static void test_identity_tells_what_the_image_rests_on(void **state)
{
	struct image_identity identity;
	struct err err;

	(void)state;
	make_qcow2(at("base.qcow2"), "1M");
	make_overlay(at("top.qcow2"), "base.qcow2", "qcow2");
	assert_ok(image_identity(store, at("top.qcow2"), "qcow2", &identity, &err));
	assert_string_equal(identity.format, "qcow2");
	assert_int_equal(identity.virtual_bytes, MIB);
	assert_string_equal(identity.backing_path, at("base.qcow2"));
	assert_string_equal(identity.backing_format, "qcow2");
	image_identity_clear(&identity);
}

#define store_test(f) ((struct CMUnitTest)cmocka_unit_test_setup(f, choose_store))
#define store_qemu_test(f) needing(have_qemu(), "qemu-img", store_test(f))

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(test_kept),
		store_test(test_change_is_noticed_though_mtime_is_put_back),
		store_test(test_young_file_is_not_kept),
		store_test(test_broken_entry_is_rewritten),
		store_test(test_sweep),
		store_test(test_unwritable_store_is_no_error),
		store_qemu_test(test_identity_tells_what_the_image_rests_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_old_files, scratch_teardown);
}
