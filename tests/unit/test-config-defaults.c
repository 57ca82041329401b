/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no file says has its default: without files, with empty ones, with a list that is empty. */
#include "tests/unit/config-fixture.h"

static void assert_defaults(const struct config *config)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	assert_string_equal(config->uri, keep(xasprintf("qemu+tls://%s/system", host)));
	assert_int_equal(config->paths.count + config->bridges.count + config->networks.count, 0);
	assert_string_equal(joined(&config->roots), "/var/lib/libvirt/images");
	assert_int_equal(config->base.count + config->shared.count + config->listen.count, 0);
	assert_ptr_equal(config_search_folders(config), &config->roots);
	assert_int_equal(config->departed, DEPARTED_KEEP);
	assert_int_equal(config->disk_reserve_mib, 1024);
	assert_false(config->disk_over_commit);
	assert_null(config->uplink);
	assert_int_equal(config->vlan_count + config->closed.count, 0);
	assert_int_equal(config->mode, NETWORK_AWARE);
	assert_false(config->approximate);
	assert_int_equal(config->portal_count + config->targets.count, 0);
	assert_int_equal(config->aoe_interfaces.count, 0);
	assert_int_equal(config->release, RELEASE_OURS);
	assert_int_equal(config->volume_timeout_s, 30);
}

static void test_no_folder(void **state)
{
	(void)state;
	cleanup_config struct config *config = load(at("none"));
	assert_defaults(config);
}

static void test_no_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("berth.conf.d"), 0755), 0);
	cleanup_config struct config *config = load(scratch);
	assert_defaults(config);
}

static void test_nothing_in_it(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"# comment\n; comment\n\n",
		"[host]\n[paths]\n[bridges]\n[networks]\n[images]\n[graphics]\n[limits]\n",
		"[images]\nroots =\nbase =\nshared =\n[graphics]\nlisten =\n",
		"[network]\nvlans =\n[firewall]\nclosed =\n",
		"[volumes]\niscsi =\naoe =\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_config struct config *config = load_text(texts[i]);
		assert_defaults(config);
	}
}

static void test_only_a_drop_in(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("berth.conf.d"), 0755), 0);
	write_text(at("berth.conf.d/a.conf"), "[limits]\ndisk_reserve_mib = 5\n");
	cleanup_config struct config *config = load(scratch);
	assert_int_equal(config->disk_reserve_mib, 5);
	assert_string_equal(joined(&config->roots), "/var/lib/libvirt/images");
}

static void test_what_cannot_be_read_is_an_error(void **state)
{
	struct config *config = NULL;
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("berth.conf"), 0755), 0);
	assert_fails(config_load(scratch, &config, &err), EIO, at("berth.conf"));
	assert_int_equal(rmdir(at("berth.conf")), 0);
	write_text(at("berth.conf.d"), "a file");
	assert_fails(config_load(scratch, &config, &err), ENOTDIR, at("berth.conf.d"));
	assert_null(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_no_folder),
		scratch_test(test_no_file),
		scratch_test(test_nothing_in_it),
		scratch_test(test_only_a_drop_in),
		scratch_test(test_what_cannot_be_read_is_an_error),
	};

	return run_as_tap(tests);
}
