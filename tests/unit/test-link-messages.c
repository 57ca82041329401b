/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a link is read right; what is broken or means something else isn't read.
 */
#include "tests/unit/image-fixture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netfw/route.h"

static struct nl_msg *link_message(int type, int index, const char *name)
{
	struct ifinfomsg header = {.ifi_index = index};
	struct nl_msg *message =
		netlink_message(type, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);

	if (name)
		netlink_put_string(message, IFLA_IFNAME, name);
	return message;
}

static void put_vlan(struct nl_msg *message, uint16_t vlan, uint16_t protocol)
{
	struct nlattr *info = netlink_nest(message, IFLA_LINKINFO);

	netlink_put_string(message, IFLA_INFO_KIND, "vlan");
	struct nlattr *data = netlink_nest(message, IFLA_INFO_DATA);
	netlink_put_u16(message, IFLA_VLAN_PROTOCOL, htons(protocol));
	netlink_put_u16(message, IFLA_VLAN_ID, vlan);
	netlink_nest_end(message, data);
	netlink_nest_end(message, info);
}

static void put_bridge(struct nl_msg *message, bool can_filter, bool filters)
{
	struct nlattr *info = netlink_nest(message, IFLA_LINKINFO);

	netlink_put_string(message, IFLA_INFO_KIND, "bridge");
	struct nlattr *data = netlink_nest(message, IFLA_INFO_DATA);
	netlink_put_u8(message, IFLA_BR_VLAN_FILTERING, filters);
	if (can_filter)
		netlink_put_u16(message, IFLA_BR_VLAN_PROTOCOL, htons(ETH_P_8021Q));
	netlink_nest_end(message, data);
	netlink_nest_end(message, info);
}

static void test_plain(void **state)
{
	cleanup_message struct nl_msg *message = link_message(RTM_NEWLINK, 5, "fifteen-letters");
	struct link_record record;

	(void)state;
	netlink_put_u32(message, IFLA_MTU, 1400);
	netlink_put_u32(message, IFLA_MASTER, 7);
	netlink_put_u32(message, IFLA_TXQLEN, 500);
	netlink_put_u32(message, IFLA_LINK, 3);
	netlink_put_string(message, IFLA_IFALIAS, "berth");
	assert_true(link_record_read(nlmsg_hdr(message), &record));
	assert_int_equal(record.link.index, 5);
	assert_string_equal(record.link.name, "fifteen-letters");
	assert_int_equal(record.link.mtu, 1400);
	assert_int_equal(record.link.master, 7);
	assert_int_equal(record.queue_length, 500);
	assert_int_equal(record.lower, 3);
	assert_int_equal(record.link.parent, 0);
	assert_true(record.link.made_by_berth);
	assert_false(record.link.bridge);
}

static void test_vlan_device(void **state)
{
	const uint16_t protocols[] = {ETH_P_8021Q, ETH_P_8021AD};
	struct link_record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		cleanup_message struct nl_msg *message = link_message(RTM_NEWLINK, 5, "eth1.100");
		netlink_put_u32(message, IFLA_LINK, 3);
		put_vlan(message, 100, protocols[i]);
		assert_true(link_record_read(nlmsg_hdr(message), &record));
		assert_int_equal(record.link.vlan_id, i == 0 ? 100 : 0);
		assert_int_equal(record.link.parent, i == 0 ? 3 : 0);
	}
}

/* The index is one of another namespace, where it may be another link. */
static void test_parent_elsewhere(void **state)
{
	cleanup_message struct nl_msg *message = link_message(RTM_NEWLINK, 5, "eth1.100");
	struct link_record record;

	(void)state;
	netlink_put_u32(message, IFLA_LINK, 3);
	netlink_put_u32(message, IFLA_LINK_NETNSID, 0);
	put_vlan(message, 100, ETH_P_8021Q);
	assert_true(link_record_read(nlmsg_hdr(message), &record));
	assert_int_equal(record.link.parent, 0);
	assert_int_equal(record.lower, 0);
}

static void test_bridges(void **state)
{
	struct link_record record;

	(void)state;
	for (int i = 0; i < 4; i++) {
		cleanup_message struct nl_msg *message = link_message(RTM_NEWLINK, 5, "br0");
		put_bridge(message, i & 1, i & 2);
		assert_true(link_record_read(nlmsg_hdr(message), &record));
		assert_true(record.link.bridge);
		assert_int_equal(record.can_filter_vlans, i & 1);
		assert_int_equal(record.link.vlan_aware, i >> 1);
	}
}

static void test_alias_is_whole(void **state)
{
	const char *const others[] = {"berth ", "berths", "bert", "", "Berth"};
	struct link_record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		cleanup_message struct nl_msg *message = link_message(RTM_NEWLINK, 5, "br0");
		netlink_put_string(message, IFLA_IFALIAS, others[i]);
		assert_true(link_record_read(nlmsg_hdr(message), &record));
		assert_false(record.link.made_by_berth);
	}
}

static void test_broken(void **state)
{
	cleanup_message struct nl_msg *nameless = link_message(RTM_NEWLINK, 5, NULL);
	cleanup_message struct nl_msg *gone = link_message(RTM_DELLINK, 5, "br0");
	cleanup_message struct nl_msg *long_name =
		link_message(RTM_NEWLINK, 5, "a-name-of-more-than-15-letters");
	cleanup_message struct nl_msg *small = link_message(RTM_NEWLINK, 5, "br0");
	struct link_record record;

	(void)state;
	netlink_put_u8(small, IFLA_MTU, 1);
	assert_false(link_record_read(nlmsg_hdr(nameless), &record));
	assert_false(link_record_read(nlmsg_hdr(gone), &record));
	assert_false(link_record_read(nlmsg_hdr(long_name), &record));
	assert_false(link_record_read(nlmsg_hdr(small), &record));
}

/* Cut anywhere, with a header that says so: it is read or refused, and never beyond its end. */
static void test_cut(void **state)
{
	cleanup_message struct nl_msg *message = link_message(RTM_NEWLINK, 5, "eth1.100");
	struct link_record record;

	(void)state;
	netlink_put_u32(message, IFLA_LINK, 3);
	put_vlan(message, 100, ETH_P_8021Q);
	const uint32_t whole = nlmsg_hdr(message)->nlmsg_len;
	for (uint32_t length = NLMSG_HDRLEN; length < whole; length++) {
		cleanup_free struct nlmsghdr *cut = xcalloc(1, length);
		memcpy(cut, nlmsg_hdr(message), length);
		cut->nlmsg_len = length;
		if (link_record_read(cut, &record))
			assert_int_equal(record.link.vlan_id, 0);
	}
	assert_true(link_record_read(nlmsg_hdr(message), &record));
	assert_int_equal(record.link.vlan_id, 100);
}

static void test_bridge_names(void **state)
{
	char name[LINK_NAME_SIZE];

	(void)state;
	vlan_bridge_name(1, name);
	assert_string_equal(name, "br1");
	vlan_bridge_name(4094, name);
	assert_string_equal(name, "br4094");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_vlan_device),
		cmocka_unit_test(test_parent_elsewhere),
		cmocka_unit_test(test_bridges),
		cmocka_unit_test(test_alias_is_whole),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_bridge_names),
	};

	return run_as_tap(tests);
}
