/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each key of the configuration is taken and says what it should; those of later parts are
 * accepted. */
#include "tests/unit/config-fixture.h"

static void test_the_design_s_sample(void **state)
{
	(void)state;
	cleanup_config struct config *config = load(data_folder("config/design"));
	assert_string_equal(config->uri, "qemu+tls://hostb.example/system");
	assert_string_equal(pairs(&config->paths), "/var/lib/libvirt/images = /srv/vm");
	assert_string_equal(pairs(&config->bridges), "br0 = br-lan");
	assert_string_equal(pairs(&config->networks), "default = lan");
	assert_string_equal(joined(&config->roots), "/srv/vm /srv/base");
	assert_string_equal(joined(&config->base), "/srv/base");
	assert_int_equal(config->disk_reserve_mib, 1024);
	assert_false(config->disk_over_commit);
	assert_string_equal(config->uplink, "eth1");
	assert_string_equal(vlans(config), "100-199 300-300");
	assert_int_equal(config->mode, NETWORK_AWARE);
	assert_false(config->approximate);
	assert_string_equal(joined(&config->closed), "vnet*");
	assert_string_equal(portals(config), "10.0.0.0/24");
	assert_string_equal(joined(&config->targets), "iqn.2026-11.lab:*");
	assert_string_equal(joined(&config->aoe_interfaces), "eth2");
	assert_int_equal(config->release, RELEASE_OURS);
	assert_int_equal(config->volume_timeout_s, 30);
}

static void test_host(void **state)
{
	(void)state;
	cleanup_config struct config *config = load_text("[host]\nuri = qemu+ssh://me@h/system\n");
	assert_string_equal(config->uri, "qemu+ssh://me@h/system");
}

static void test_mappings(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[paths]\n/a = /b\n/c d/ = /e f/\n"
			  "[bridges]\nbr0=br1\nbr.5 = a-b_c.15letters\n"
			  "[networks]\ndefault = my lan\n");
	assert_string_equal(pairs(&config->paths), "/a = /b, /c d = /e f");
	assert_string_equal(pairs(&config->bridges), "br0 = br1, br.5 = a-b_c.15letters");
	assert_string_equal(pairs(&config->networks), "default = my lan");
	assert_string_equal(mappings_apply(&config->bridges, "br0"), "br1");
	assert_null(mappings_apply(&config->bridges, "br"));
	assert_null(mappings_apply(&config->bridges, "br00"));
}

static void test_images(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[images]\nroots = /a/ /b\t//c/\nbase = /./d\nshared = /e/// "
			  "/f\ndeparted = remove\n");
	assert_string_equal(joined(&config->roots), "/a /b /c");
	assert_string_equal(joined(&config->base), "/d");
	assert_string_equal(joined(&config->shared), "/e /f");
	assert_int_equal(config->departed, DEPARTED_REMOVE);
	assert_ptr_equal(config_search_folders(config), &config->base);
}

static void test_departed_keep(void **state)
{
	(void)state;
	cleanup_config struct config *config = load_text("[images]\ndeparted = keep\n");
	assert_int_equal(config->departed, DEPARTED_KEEP);
}

static void test_graphics(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[graphics]\nlisten = 192.0.2.1 2001:db8::1 0.0.0.0\n");
	assert_string_equal(joined(&config->listen), "192.0.2.1 2001:db8::1 0.0.0.0");
}

static void test_limits(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[limits]\ndisk_reserve_mib = 17592186044415\ndisk_over_commit = yes\n");
	assert_true(config->disk_reserve_mib == UINT64_MAX >> 20);
	assert_true(config->disk_over_commit);
	cleanup_config struct config *other =
		load_text("[limits]\ndisk_reserve_mib = 0\ndisk_over_commit = no\n");
	assert_int_equal(other->disk_reserve_mib, 0);
	assert_false(other->disk_over_commit);
}

static void test_network(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[network]\nuplink = a-b_c.15letters\nvlans = 1 4094\t10-20 15-30 "
			  "7-7\nmode = per-vlan\n");
	assert_string_equal(config->uplink, "a-b_c.15letters");
	assert_string_equal(vlans(config), "1-1 4094-4094 10-20 15-30 7-7");
	assert_int_equal(config->mode, NETWORK_PER_VLAN);
	cleanup_config struct config *other = load_text("[network]\nmode = aware\n");
	assert_int_equal(other->mode, NETWORK_AWARE);
}

static void test_vlans_that_are_allowed(void **state)
{
	static const uint16_t yes[] = {1, 100, 150, 199, 300, 4094};
	static const uint16_t no[] = {0, 2, 99, 200, 299, 301, 4093, 4095, 65535};

	(void)state;
	cleanup_config struct config *config = load_text("[network]\nvlans = 1 100-199 300 4094\n");
	cleanup_config struct config *none = load_text("[network]\nvlans =\n");
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		assert_true(config_vlan_allowed(config, yes[i]));
		assert_false(config_vlan_allowed(none, yes[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(config_vlan_allowed(config, no[i]));
}

static void test_firewall(void **state)
{
	(void)state;
	cleanup_config struct config *config = load_text(
		"[firewall]\nstateless = approximate\nclosed = vnet* tap0 a-b_c.15letters "
		"a-b_c.15letters*\n");
	assert_true(config->approximate);
	assert_string_equal(joined(&config->closed), "vnet* tap0 a-b_c.15letters a-b_c.15letters*");
	cleanup_config struct config *other = load_text("[firewall]\nstateless = refuse\n");
	assert_false(other->approximate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_the_design_s_sample),
		scratch_test(test_host),
		scratch_test(test_mappings),
		scratch_test(test_images),
		scratch_test(test_departed_keep),
		scratch_test(test_graphics),
		scratch_test(test_limits),
		scratch_test(test_network),
		scratch_test(test_vlans_that_are_allowed),
		scratch_test(test_firewall),
	};

	return run_as_tap(tests);
}
