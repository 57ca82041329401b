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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_link_local),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
