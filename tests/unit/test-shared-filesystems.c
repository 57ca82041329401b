/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libvirt takes for shared, because qemu.conf says so, is shared for berth too. */
#include "tests/unit/site-fixture.h"

#include "hooks/records/shared_storage.h"

static bool counts(const char *path)
{
	bool shared = false;
	struct err err;

	assert_ok(shared_by_libvirt(&site, path, &shared, &err));
	return shared;
}

static void test_named_folder(void **state)
{
	cleanup_free char *conf =
		xasprintf("shared_filesystems = [\n  \"/nowhere\",\n  \"%s\"\n]\n", at("pool"));

	(void)state;
	assert_int_equal(mkdir(at("pool"), 0755), 0);
	assert_int_equal(symlink("pool", at("by-link")), 0);
	site.qemu_conf = at("qemu.conf");
	write_text(site.qemu_conf, conf);
	assert_true(counts(at("pool/vm1.qcow2")));
	assert_true(counts(at("by-link/vm1.qcow2")));
	assert_false(counts(at("pool-2/vm1.qcow2")));
	write_text(site.qemu_conf, "#shared_filesystems = [ \"/\" ]\n");
	assert_false(counts(at("pool/vm1.qcow2")));
}

static void test_without_conf(void **state)
{
	(void)state;
	site.qemu_conf = at("absent");
	assert_false(counts(at("vm1.qcow2")));
}

/* Nobody can tell: whoever asks must not take an image for stale. */
static void test_unreadable_conf(void **state)
{
	bool shared;
	struct err err;

	(void)state;
	site.qemu_conf = at("folder");
	assert_int_equal(mkdir(site.qemu_conf, 0755), 0);
	assert_fails(shared_by_libvirt(&site, at("vm1.qcow2"), &shared, &err), EISDIR, "folder");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_named_folder),
		site_test(test_without_conf),
		site_test(test_unreadable_conf),
	};

	return run_as_tap(tests);
}
