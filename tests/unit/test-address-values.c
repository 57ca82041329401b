/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from an address: a prefix's range, equality, a MAC's link-local address. */
#include "test-xml-data.h"

#include "base/address.h"

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	if (!prefix_parse(text, &prefix))
		fail_msg("'%s' was refused", text);
	return prefix;
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(address_size(4), 4);
	assert_int_equal(address_size(6), 16);
}

static void test_ranges(void **state)
{
	static const struct {
		const char *prefix;
		const char *first;
		const char *last;
	} table[] = {
		{"0.0.0.0/0", "0.0.0.0", "255.255.255.255"},
		{"10.0.0.0/8", "10.0.0.0", "10.255.255.255"},
		{"192.0.2.128/25", "192.0.2.128", "192.0.2.255"},
		{"192.0.2.4/30", "192.0.2.4", "192.0.2.7"},
		{"192.0.2.1", "192.0.2.1", "192.0.2.1"},
		{"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{"2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"},
		{"2001:db8::1", "2001:db8::1", "2001:db8::1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct prefix prefix = prefix_of(table[i].prefix);
		struct prefix wanted_first = prefix_of(table[i].first);
		struct prefix wanted_last = prefix_of(table[i].last);
		uint8_t first[16];
		uint8_t last[16];
		prefix_range(&prefix, first, last);
		assert_memory_equal(first, wanted_first.bytes, address_size(prefix.family));
		assert_memory_equal(last, wanted_last.bytes, address_size(prefix.family));
	}
}

static void test_equality(void **state)
{
	struct prefix eight = prefix_of("10.0.0.0/8");
	struct prefix nine = prefix_of("10.0.0.0/9");
	struct prefix other = prefix_of("11.0.0.0/8");
	struct prefix any4 = prefix_of("0.0.0.0/0");
	struct prefix any6 = prefix_of("::/0");
	struct prefix high = prefix_of("2001:db8::1");
	struct prefix low = prefix_of("2001:db8::2");

	(void)state;
	assert_true(prefix_equal(&eight, &eight));
	assert_false(prefix_equal(&eight, &nine));
	assert_false(prefix_equal(&eight, &other));
	assert_false(prefix_equal(&any4, &any6));
	assert_false(prefix_equal(&high, &low));
	assert_false(prefix_is_address(&eight));
	assert_false(prefix_is_address(&any6));
	assert_true(prefix_is_address(&low));
}

/* The second one is the example of RFC 2464, section 4. */
static void test_link_local(void **state)
{
	static const char *const table[][2] = {
		{"52:54:00:00:00:01", "fe80::5054:ff:fe00:1"},
		{"34:56:78:9a:bc:de", "fe80::3656:78ff:fe9a:bcde"},
	};
	char text[PREFIX_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct mac mac;
		assert_true(mac_parse(table[i][0], &mac));
		struct prefix address = mac_link_local(&mac);
		assert_true(prefix_is_address(&address));
		assert_string_equal(prefix_format(&address, text), table[i][1]);
	}
}

static void test_what_is_within(void **state)
{
	static const struct {
		const char *outer;
		const char *inner;
		bool holds;
	} table[] = {
		{"0.0.0.0/0", "10.0.0.1", true},
		{"0.0.0.0/0", "0.0.0.0/0", true},
		{"10.0.0.0/8", "10.255.255.255", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"10.0.0.0/8", "10.0.0.0/9", true},
		{"10.0.0.0/9", "10.0.0.0/8", false},
		{"192.0.2.4/30", "192.0.2.7", true},
		{"192.0.2.4/30", "192.0.2.8", false},
		{"192.0.2.1", "192.0.2.1", true},
		{"::/0", "10.0.0.1", false},
		{"0.0.0.0/0", "::", false},
		{"2001:db8::/33", "2001:db8:7fff::", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct prefix outer = prefix_of(table[i].outer);
		struct prefix inner = prefix_of(table[i].inner);
		if (prefix_holds(&outer, &inner) != table[i].holds)
			fail_msg("%s and %s", table[i].outer, table[i].inner);
	}
}

static void test_around(void **state)
{
	struct prefix address = prefix_of("192.0.2.135");
	struct prefix network = prefix_of("192.0.2.128/29");
	struct prefix around = prefix_around(&address, 29);

	(void)state;
	assert_true(prefix_equal(&around, &network));
}

static void test_ipv4_mapped(void **state)
{
	static const struct {
		const char *from;
		const char *to;
	} table[] = {
		{"::ffff:10.0.0.1", "10.0.0.1"},
		{"::ffff:10.0.0.0/104", "10.0.0.0/8"},
		{"::ffff:0:0/96", "0.0.0.0/0"},
		{"::fffe:0:0/95", NULL},
		{"::/0", NULL},
		{"::10.0.0.1", NULL},
		{"::1:ffff:10.0.0.1", NULL},
		{"10.0.0.0/8", "10.0.0.0/8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		char text[PREFIX_TEXT_SIZE];
		struct prefix from = prefix_of(table[i].from);
		struct prefix to = prefix_unmapped(&from);
		if (table[i].to)
			assert_string_equal(prefix_format(&to, text), table[i].to);
		else
			assert_true(prefix_equal(&from, &to));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),          cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_what_is_within), cmocka_unit_test(test_around),
		cmocka_unit_test(test_ipv4_mapped),    cmocka_unit_test(test_equality),
		cmocka_unit_test(test_link_local),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
