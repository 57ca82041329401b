/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MAC addresses, IP addresses and prefixes are read strictly, and written as they were read. */
#include "test-xml-data.h"

#include "base/address.h"

static void test_macs(void **state)
{
	static const char *const bad[] = {
		"",
		"52:54:00:00:00",
		"52:54:00:00:00:1",
		"52:54:00:00:00:001",
		"52:54:00:00:00:01 ",
		" 2:54:00:00:00:01",
		"52-54-00-00-00-01",
		"52:54:00:00:00:0g",
		"525:4:00:00:00:01",
		"52:54:00:00:00:01:02",
	};
	struct mac mac;
	struct mac other;
	char text[MAC_TEXT_SIZE];

	(void)state;
	assert_true(mac_parse("52:54:00:aB:Cd:0F", &mac));
	assert_string_equal(mac_format(&mac, text), "52:54:00:ab:cd:0f");
	assert_true(mac_parse("52:54:00:ab:cd:0f", &other));
	assert_true(mac_equal(&mac, &other));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (mac_parse(bad[i], &mac))
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_true(mac_equal(&mac, &other));
	assert_true(mac_parse("52:54:00:ab:cd:0e", &other));
	assert_false(mac_equal(&mac, &other));
}

static void test_addresses(void **state)
{
	static const char *const bad[] = {
		"",
		"10.0.0",
		"10.0.0.256",
		"10.0.0.01",
		"10.0.0.1 ",
		" 10.0.0.1",
		"10.0.0.1/32",
		"0x0a.0.0.1",
		"1:2:3",
		":::",
		"2001:db8::1::2",
		"fe80::1%eth0",
		"2001:db8::12345",
		"1:2:3:4:5:6:7:8:9",
		"host",
		"1:2:3:4::5:6:7:8",
	};
	struct prefix address;
	char text[PREFIX_TEXT_SIZE];

	(void)state;
	assert_true(address_parse("10.0.0.1", &address));
	assert_int_equal(address.family, 4);
	assert_int_equal(address.length, 32);
	assert_memory_equal(address.bytes, ((uint8_t[16]){10, 0, 0, 1}), 16);
	assert_true(prefix_is_address(&address));
	assert_string_equal(prefix_format(&address, text), "10.0.0.1");
	assert_true(address_parse("2001:DB8:0::1", &address));
	assert_int_equal(address.family, 6);
	assert_int_equal(address.length, 128);
	assert_string_equal(prefix_format(&address, text), "2001:db8::1");
	assert_true(address_parse("::ffff:192.0.2.1", &address));
	assert_int_equal(address.family, 6);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (address_parse(bad[i], &address))
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void test_prefixes(void **state)
{
	static const char *const good[] = {
		"10.0.0.0/8",     "0.0.0.0/0",      "192.0.2.128/25",
		"192.0.2.1",      "2001:db8::/32",  "::/0",
		"fe80::/10",      "2001:db8::1",    "128.0.0.0/1",
		"192.0.2.254/31", "2001:db8::/127", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127",
	};
	static const char *const bad[] = {
		"10.0.0.1/8",
		"10.0.0.0/40",
		"10.0.0.0/",
		"10.0.0.0/08",
		"10.0.0.0/ 8",
		"10.0.0.0/-1",
		"/8",
		"10.0.0.0/8/8",
		"10.0.0.0/+8",
		"192.0.2.1/31",
		"2001:db8::/129",
		"2001:db8::1/32",
		"::1/0",
		"0.0.0.1/0",
		"10.0.0.0/255.0.0.0",
		"10.0.0.0/18446744073709551624",
		"10.0.0.0/00",
	};
	struct prefix prefix;
	char text[PREFIX_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (!prefix_parse(good[i], &prefix))
			fail_msg("'%s' was refused", good[i]);
		assert_string_equal(prefix_format(&prefix, text), good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (prefix_parse(bad[i], &prefix))
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_true(prefix_parse("192.0.2.1/32", &prefix));
	assert_string_equal(prefix_format(&prefix, text), "192.0.2.1");
}

static void test_portals(void **state)
{
	static const char *const bad[] = {
		"10.0.0.1",
		"10.0.0.1:0",
		"10.0.0.1:65536",
		"10.0.0.1:080",
		"10.0.0.1/32:3260",
		"storage:3260",
		"[10.0.0.1]:1",
		"fd00::1:3260",
		"[fd00::1]3260",
		"[fd00::1]:",
		"[fd00::1%1]:1",
		"[fd00::/64]:1",
		"",
		"[",
		"]:1",
		":3260",
	};
	struct prefix address;
	uint16_t port = 0;
	char text[PREFIX_TEXT_SIZE];

	(void)state;
	assert_true(portal_parse("10.0.0.1:1", &address, &port));
	assert_string_equal(prefix_format(&address, text), "10.0.0.1");
	assert_int_equal(port, 1);
	assert_true(portal_parse("[FD00::1]:65535", &address, &port));
	assert_string_equal(prefix_format(&address, text), "fd00::1");
	assert_int_equal(port, 65535);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (portal_parse(bad[i], &address, &port))
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_string_equal(prefix_format(&address, text), "fd00::1");
	assert_int_equal(port, 65535);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_portals),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
