/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [volumes] allows what it names, by any spelling of it, and nothing else. */
#include "tests/unit/config-fixture.h"

static void test_words(void **state)
{
	(void)state;
	cleanup_config struct config *config =
		load_text("[volumes]\niscsi = 10.0.0.0/24 iqn.2026-11.lab:*\t192.0.2.1\n"
			  "  fd00::/64 IQN.2026-11.Lab:Disk_1 eui.02004567A425678D\n"
			  "  naa.52004567BA64678D ::ffff:198.51.100.0/120 iqn.*\n"
			  "aoe = eth2\n a-b_c.15letters\n"
			  "release = always\ntimeout = 600\n");
	assert_string_equal(portals(config), "10.0.0.0/24 192.0.2.1 fd00::/64 198.51.100.0/24");
	assert_string_equal(joined(&config->targets),
			    "iqn.2026-11.lab:* iqn.2026-11.lab:disk_1 eui.02004567a425678d "
			    "naa.52004567ba64678d iqn.*");
	assert_string_equal(joined(&config->aoe_interfaces), "eth2 a-b_c.15letters");
	assert_int_equal(config->release, RELEASE_ALWAYS);
	assert_int_equal(config->volume_timeout_s, 600);
}

static void test_a_later_file_replaces(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("berth.conf.d"), 0755), 0);
	write_text(at("berth.conf.d/a.conf"),
		   "[volumes]\niscsi = 192.0.2.1\naoe = eth3\nrelease = never\ntimeout = 1\n");
	cleanup_config struct config *config =
		load_text("[volumes]\niscsi = 10.0.0.0/8 iqn.a:b\naoe = eth2\nrelease = ours\n");
	assert_string_equal(portals(config), "192.0.2.1");
	assert_int_equal(config->targets.count, 0);
	assert_string_equal(joined(&config->aoe_interfaces), "eth3");
	assert_int_equal(config->release, RELEASE_NEVER);
	assert_int_equal(config->volume_timeout_s, 1);
}

static void test_portals_that_are_allowed(void **state)
{
	static const char *const yes[] = {
		"10.0.0.0:3260",
		"10.0.0.255:1",
		"192.0.2.129:65535",
		"[fd00::]:3260",
		"[fd00:0:0:0:ffff::1]:3260",
		"[FD00::A]:3260",
		"[::ffff:10.0.0.7]:3260",
		"[::ffff:a00:7]:3260",
	};
	static const char *const no[] = {
		"10.0.1.0:3260",     "9.255.255.255:3260",  "192.0.2.128:3260",
		"192.0.2.130:3260",  "[fd00:0:0:1::]:3260", "[::ffff:10.0.1.0]:3260",
		"[::10.0.0.7]:3260", "[2002:a00:7::]:3260",
	};

	(void)state;
	cleanup_config struct config *config =
		load_text("[volumes]\niscsi = 10.0.0.0/24 192.0.2.129 fd00::/64\n");
	cleanup_config struct config *none = load_text("[volumes]\niscsi = iqn.2026-11.lab:*\n");
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!config_portal_allowed(config, yes[i]))
			fail_msg("%s is not allowed", yes[i]);
		assert_false(config_portal_allowed(none, yes[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		if (config_portal_allowed(config, no[i]))
			fail_msg("%s is allowed", no[i]);
	}
}

/* Where IPv6 as a whole is allowed, IPv4 in its clothes still isn't. */
static void test_mapped_addresses_are_ipv4(void **state)
{
	(void)state;
	cleanup_config struct config *all6 = load_text("[volumes]\niscsi = ::/0\n");
	assert_true(config_portal_allowed(all6, "[2001:db8::1]:3260"));
	assert_false(config_portal_allowed(all6, "[::ffff:10.0.0.7]:3260"));
	cleanup_config struct config *mapped = load_text("[volumes]\niscsi = ::ffff:10.0.0.7\n");
	assert_true(config_portal_allowed(mapped, "10.0.0.7:3260"));
	cleanup_config struct config *all4 = load_text("[volumes]\niscsi = 0.0.0.0/0\n");
	assert_true(config_portal_allowed(all4, "[::ffff:10.0.0.7]:3260"));
	assert_false(config_portal_allowed(all4, "[2001:db8::1]:3260"));
}

static void test_what_is_no_portal(void **state)
{
	static const char *const no[] = {
		"",
		":",
		":3260",
		"storage:3260",
		"localhost:3260",
		"10.0.0.1",
		"10.0.0.1:",
		"10.0.0.1:0",
		"10.0.0.1:03260",
		"10.0.0.1:65536",
		"10.0.0.1:-1",
		"10.0.0.1:+1",
		"10.0.0.1:3260,1",
		"10.0.0.1:3260 ",
		" 10.0.0.1:3260",
		"10.0.0.1:3260:1",
		"10.0.0.1:iscsi",
		"10.0.0.1/32:3260",
		"10.1:3260",
		"010.0.0.1:3260",
		"0x0a000001:3260",
		"167772161:3260",
		"10.0.0.1\n:3260",
		"[10.0.0.1]:3260",
		"fd00::1:3260",
		"fd00::1",
		"[fd00::1]",
		"[fd00::1]:",
		"[fd00::1]3260",
		"[fd00::1]x:3260",
		"[fd00::1:3260",
		"[[fd00::1]]:3260",
		"[fe80::1%eth0]:3260",
		"[]:3260",
		"[",
	};

	(void)state;
	cleanup_config struct config *config = load_text("[volumes]\niscsi = 0.0.0.0/0 ::/0\n");
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		if (config_portal_allowed(config, no[i]))
			fail_msg("'%s' is allowed", no[i]);
	}
}

static void test_targets_that_are_allowed(void **state)
{
	static const char *const yes[] = {
		"iqn.2026-11.lab:",     "iqn.2026-11.lab:one",  "iqn.2026-11.lab:a.b:c",
		"IQN.2026-11.LAB:One",  "iqn.2026-12.lab:two",  "iqn.2026-12.LAB:tWo",
		"eui.02004567A425678D", "eui.02004567a425678d",
	};
	static const char *const no[] = {
		"",
		"*",
		"iqn.2026-11.lab",
		"iqn.2026-11.labx:one",
		" iqn.2026-11.lab:one",
		"iqn.2026-12.lab:",
		"iqn.2026-12.lab:two1",
		"iqn.2026-12.lab:tw",
		"iqn.2026-12.lab:*",
		"eui.02004567A425678",
		"naa.02004567A425678D",
	};

	(void)state;
	cleanup_config struct config *config =
		load_text("[volumes]\niscsi = iqn.2026-11.Lab:* iqn.2026-12.lab:Two "
			  "eui.02004567A425678D\n");
	cleanup_config struct config *none = load_text("[volumes]\niscsi = 0.0.0.0/0 ::/0\n");
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!config_target_allowed(config, yes[i]))
			fail_msg("%s is not allowed", yes[i]);
		assert_false(config_target_allowed(none, yes[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		if (config_target_allowed(config, no[i]))
			fail_msg("'%s' is allowed", no[i]);
	}
}

static void test_release(void **state)
{
	(void)state;
	cleanup_config struct config *ours = load_text("[volumes]\nrelease = ours\n");
	assert_int_equal(ours->release, RELEASE_OURS);
	cleanup_config struct config *never = load_text("[volumes]\nrelease = never\n");
	assert_int_equal(never->release, RELEASE_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_words),
		scratch_test(test_a_later_file_replaces),
		scratch_test(test_portals_that_are_allowed),
		scratch_test(test_mapped_addresses_are_ipv4),
		scratch_test(test_what_is_no_portal),
		scratch_test(test_targets_that_are_allowed),
		scratch_test(test_release),
	};

	return run_as_tap(tests);
}
